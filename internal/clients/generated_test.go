package clients

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// writer makes up configurations as people and programs write them.
type writer struct {
	*rand.Rand
	comments int
}

func (w *writer) one(of ...string) string { return of[w.IntN(len(of))] }

func (w *writer) chance(percent int) bool { return w.IntN(100) < percent }

// comment makes up a comment that is not there yet.
func (w *writer) comment(sign string) string {
	w.comments++
	return fmt.Sprintf("%s c%d.", sign, w.comments)
}

// finish gives a text the ends of lines, the byte-order mark and the last end of a line that it is to have.
func (w *writer) finish(text string) string {
	if w.chance(30) {
		text = strings.TrimRight(text, "\n")
	}
	if w.chance(30) {
		text += w.one("\n", "\n\n", "\n  \n")
	}
	if w.chance(40) {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	if w.chance(25) {
		text = byteOrderMark + text
	}
	return text
}

// configuration makes up one of a client, with the entry of this server in it if that is wanted.
func (w *writer) configuration(c Client, withEntry bool) string {
	switch c.format {
	case formatTOML:
		return w.finish(w.toml(c.section, withEntry))
	case formatYAML:
		return w.finish(w.yaml(c.section, withEntry))
	default:
		return w.finish(w.json(c.section, withEntry))
	}
}

// jsonStyle is how one file is written.
type jsonStyle struct {
	unit, colon      string
	lines            bool
	comments, commas bool
}

func (w *writer) json(section string, withEntry bool) string {
	s := jsonStyle{unit: w.one("  ", "    ", "\t", "        ", " "), colon: w.one(":", ": "), lines: w.chance(75), comments: w.chance(40)}
	s.commas = s.comments && w.chance(50)
	if !withEntry && w.chance(10) {
		return w.one("{}", "{ }", "{\n}", "{\n}\n", "{} // c0.\n", "{\n  // c0.\n}\n")
	}
	servers := []string{`"other"` + s.colon + w.one(`{"command":"x","args":["a, b}"]}`, `{}`, `{"url": "https://x"}`)}
	if w.chance(50) {
		servers = append(servers, `"ä \" {"`+s.colon+w.object(s, 2, []string{`"command"` + s.colon + `"// no comment"`, `"big"` + s.colon + `12345678901234567890`}))
	}
	if withEntry {
		servers = append(servers, `"robutler"`+s.colon+w.object(s, 2, []string{
			`"disabled"` + s.colon + "true", `"command"` + s.colon + `"old"`, `"timeout"` + s.colon + "20.50",
			`"args"` + s.colon + w.one(`["stdio","--old"]`, `[ "a" ]`, `[]`, `"text"`), `"alwaysAllow"` + s.colon + `["a"]`,
			`"env"` + s.colon + w.object(s, 3, []string{`"MINE"` + s.colon + `"kept"`, `"WEBAGENTS_API_KEY"` + s.colon + w.one(`"rok_1"`, `"your key"`)}),
		}))
		w.Shuffle(len(servers), func(i, j int) { servers[i], servers[j] = servers[j], servers[i] })
	}
	members := []string{`"theme"` + s.colon + `"dark"`, `"n"` + s.colon + w.one("1.0", "[1,2 ]", "null")}[:w.IntN(3)]
	held := w.object(s, 1, servers)
	if !withEntry {
		held = w.one(held, held, held, "{}", "{ }", "null", "{\n  }", "{ /* c0. */ }")
	}
	if withEntry || w.chance(80) || len(members) == 0 {
		members = append(members, `"`+section+`"`+s.colon+held)
		w.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	}
	text := w.object(s, 0, members)
	if s.comments && w.chance(50) {
		text = w.comment("//") + "\n" + text + " " + w.comment("//") + "\n"
	}
	return text
}

func (w *writer) object(s jsonStyle, depth int, members []string) string {
	line, end := "", ""
	if s.lines {
		line, end = "\n"+strings.Repeat(s.unit, depth+1), "\n"+strings.Repeat(s.unit, depth)
	} else if s.colon == ": " {
		line = w.one("", " ")
	}
	var b strings.Builder
	b.WriteString("{")
	for i, member := range members {
		if s.comments && s.lines && w.chance(30) {
			b.WriteString(line + w.comment("//"))
		}
		b.WriteString(line + member)
		if s.comments && w.chance(20) {
			b.WriteString(" /*" + w.comment("") + " */")
		}
		if i < len(members)-1 || s.commas {
			b.WriteString(",")
		}
		if s.comments && s.lines && w.chance(30) {
			b.WriteString(" " + w.comment("//"))
		}
	}
	if s.comments && s.lines && w.chance(20) {
		b.WriteString(line + w.comment("//"))
	}
	return b.String() + end + "}"
}

func (w *writer) toml(section string, withEntry bool) string {
	note := func(percent int) string {
		if w.chance(percent) {
			return " " + w.comment("#")
		}
		return ""
	}
	margin := w.one("", "", "  ", "\t")
	parts := []string{"[profiles.a]" + note(30) + "\nb = '''\n[mcp_servers.robutler]\n# text\n'''\n", "[[list]]\nx = [\n  1, # c0.\n  2,\n]\n"}
	inline := w.chance(20)
	switch {
	case inline && withEntry:
		parts = append(parts, "[", section, "]\nother = {}\nrobutler = { enabled = false, command = \"old\", env = { MINE = 'kept' } }"+note(30)+"\n")
		parts = append(parts[:2], strings.Join(parts[2:], ""))
	case inline:
		// It has to come before the first table.
		return section + " = " + w.one("{}", "{ }", "{ other = { command = 'x', args = ['}'] } }") + note(30) + "\n" + strings.Join(parts, "\n")
	default:
		parts = append(parts, "["+section+".other]"+note(30)+"\ncommand = \"x\"\n")
		if w.chance(30) {
			parts = append(parts, "[ "+section+" . \"third\" ]\n")
		}
	}
	if withEntry && !inline {
		env := "env = { MINE = 'kept', WEBAGENTS_API_KEY = \"your key\" }" + note(30) + "\n"
		table := w.chance(50)
		entry := "[" + section + ".robutler]" + note(30) + "\n" + margin + "startup_timeout_sec = 20" + note(50) + "\n" + margin + "command = \"old\"" + note(50) + "\n"
		if w.chance(70) {
			entry += "args = " + w.one("[]", "[\n  'a', # gone\n]", "['stdio']") + note(30) + "\n"
		}
		switch {
		case table:
			entry += w.one("", "\n") + "[" + section + ".robutler.env]\nMINE = 'kept'\n"
		case w.chance(70):
			entry += margin + env
		}
		parts = append(parts, entry)
	}
	w.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	if !withEntry {
		parts = parts[:w.IntN(len(parts)+1)]
	}
	top := ""
	if w.chance(70) {
		top = "# c0.\nmodel = \"o\"" + note(30) + w.one("\n", "\n\n")
	}
	return top + strings.Join(parts, w.one("", "\n", "\n\n# above\n"))
}

func (w *writer) yaml(section string, withEntry bool) string {
	unit := w.one("  ", "    ", "        ", "   ")
	note := func(percent int) string {
		if w.chance(percent) {
			return w.one(" ", "   ") + w.comment("#")
		}
		return ""
	}
	dash := w.one("", unit)
	servers := []string{
		unit + "developer:" + note(30) + "\n" + unit + unit + "enabled: true\n" + unit + unit + "list:\n" + unit + unit + dash + "- 'a: b'\n",
		unit + "flow: {enabled: true, cmd: \"}\"}" + note(30) + "\n",
		unit + "text:\n" + unit + unit + "about: |\n" + unit + unit + unit + "# no comment\n\n" + unit + unit + unit + "robutler:\n",
		"\n" + unit + w.comment("#") + "\n" + unit + "empty:\n",
	}[w.IntN(4):]
	if withEntry {
		inner := unit + unit
		entry := unit + "robutler:" + note(30) + "\n" + inner + "name: My robutler\n" + inner + "timeout: 900" + note(50) + "\n" + inner + "enabled: false\n" +
			inner + "available_tools: [a, b]\n" + inner + "cmd: " + w.one("old", "'old'", `"o\"ld"`) + note(50) + "\n"
		switch w.IntN(4) {
		case 0:
			entry += inner + "args: [stdio, '--x, y']" + note(50) + "\n"
		case 1:
			entry += inner + "args:" + note(50) + "\n" + inner + dash + "- stdio\n" + inner + dash + "- '--old'\n"
		case 2:
			entry += inner + "args: []\n"
		}
		entry += inner + w.one("type: stdio\n", "type: sse\n"+inner+"uri: https://x\n")
		switch w.IntN(3) {
		case 0:
			entry += inner + "envs: {MINE: kept}" + note(50) + "\n"
		case 1:
			entry += inner + "envs:\n" + inner + unit + "MINE: kept" + note(50) + "\n" + inner + unit + "WEBAGENTS_API_KEY: your key\n"
		}
		entry += inner + "env_keys: []\n"
		servers = append(servers, entry)
		w.Shuffle(len(servers), func(i, j int) { servers[i], servers[j] = servers[j], servers[i] })
	}
	held := section + ":" + note(30) + "\n" + strings.Join(servers, "")
	if !withEntry {
		held = w.one(held, held, held, section+":\n", section+": {}\n", section+": { }"+note(50)+"\n", section+": {a: {cmd: 'x, y'}, b: {}}\n", "", section+":"+note(100)+"\n")
	}
	parts := []string{held, "GOOSE_PROVIDER: ollama" + note(50) + "\n", "models:\n" + unit + "list:\n" + unit + dash + "- a\n", "# c0.\n\n", "\n"}
	w.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	return w.one("", "", "---\n", "# c0.\n") + strings.Join(parts, "")
}
