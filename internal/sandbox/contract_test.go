package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/internal/contract"
)

// TestContract replays every case and compares the answer's shape with the one that the platform's description gives.
func TestContract(t *testing.T) {
	t.Parallel()
	cases, err := contract.Cases()
	if err != nil || len(cases) < 50 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := open(t, Options{Profile: map[int]Profile{2025: ProfileBoth, 2026: ProfileBoth}[c.Generation]})
			saved := map[string]string{}
			for _, step := range c.Setup {
				got := replay(t, p, step, saved)
				if got.status != 200 {
					t.Fatalf("setup: %d %s", got.status, got.raw)
				}
				for as, path := range step.Save {
					saved[as] = member(got.body, path)
				}
			}
			got := replay(t, p, c.Request, saved)
			if got.status != c.Response.Status {
				t.Fatalf("%d %s", got.status, got.raw)
			}
			var shape any
			if err := json.Unmarshal(c.Response.Body, &shape); err != nil {
				t.Fatal(err)
			}
			if fault := misfit("", shape, any(got.body)); fault != "" {
				t.Errorf("%s in %s", fault, got.raw)
			}
		})
	}
}

func replay(t *testing.T, p *Platform, step contract.Request, saved map[string]string) answer {
	t.Helper()
	fill := func(text string) string {
		for name, value := range saved {
			text = strings.ReplaceAll(text, "${"+name+"}", value)
		}
		return text
	}
	if step.Upload != "" {
		return uploadFile(t, p, p.UserKey(), "/api"+fill(step.Path), "f.txt", step.Upload, map[string]string{"visibility": "private"})
	}
	return send(t, p, p.UserKey(), step.Method, "/api"+fill(step.Path), "application/json", fill(string(bytes.TrimSpace(step.Body))))
}

// member reads a member by a dotted path.
func member(body any, path string) string {
	for part := range strings.SplitSeq(path, ".") {
		switch container := body.(type) {
		case map[string]any:
			body = container[part]
		case []any:
			if i, err := strconv.Atoi(part); err == nil && i < len(container) {
				body = container[i]
			}
		}
	}
	return fmt.Sprint(body)
}

// misfit says where an answer lacks a member of the shape, or has one of another type.
func misfit(at string, shape, got any) string {
	switch want := shape.(type) {
	case map[string]any:
		object, ok := got.(map[string]any)
		if !ok {
			return at + " is no object"
		}
		for name, inner := range want {
			value, present := object[name]
			if !present {
				return at + "." + name + " is missing"
			}
			if fault := misfit(at+"."+name, inner, value); fault != "" {
				return fault
			}
		}
		return ""
	case []any:
		list, ok := got.([]any)
		if !ok || (len(want) > 0 && len(list) == 0) {
			return at + " is no list with rows"
		}
		if len(want) == 0 {
			return ""
		}
		return misfit(at+"[0]", want[0], list[0])
	default:
		if shape != nil && fmt.Sprintf("%T", shape) != fmt.Sprintf("%T", got) {
			return fmt.Sprintf("%s is %T, not %T", at, got, shape)
		}
		return ""
	}
}
