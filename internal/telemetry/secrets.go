package telemetry

import (
	"container/list"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"sync"
)

const (
	// minSecret keeps a key of a test's few letters from taking every such letter out of the log.
	minSecret = 8
	// maxSecret is longer than any header may be.
	maxSecret = 64 << 10
	// maxSecrets and maxSecretBytes bound what is remembered of secrets that come and go; the oldest are forgotten first.
	maxSecrets     = 4096
	maxSecretBytes = 4 << 20
)

// prefix is what secrets are looked up by.
type prefix [minSecret]byte

// secretSet holds the values of secrets, each in the forms that it may be written in. It finds all of them in one walk
// over a text, however many there are. It is safe for concurrent use.
type secretSet struct {
	mu sync.RWMutex
	// forms counts what is looked for; first and lengths say where it is worth looking, and how far: keys share prefixes.
	forms   map[string]int
	first   [256]int
	lengths map[prefix]map[int]int
	known   map[string]*list.Element // nil elements are never forgotten
	order   *list.List               // the longest unseen first
	bytes   int
}

func newSecretSet() *secretSet {
	return &secretSet{forms: map[string]int{}, lengths: map[prefix]map[int]int{}, known: map[string]*list.Element{}, order: list.New()}
}

// add remembers a secret; one that is kept is never forgotten. Secrets that are too short to be told from words are not
// remembered.
func (s *secretSet) add(secret string, keep bool) {
	if len(secret) < minSecret || len(secret) > maxSecret {
		return
	}
	if s.refresh(secret) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.known[secret]; known {
		return
	}
	if keep {
		s.known[secret] = nil
	} else {
		s.known[secret] = s.order.PushBack(secret)
		s.bytes += len(secret)
	}
	for _, form := range forms(secret) {
		s.count(form, 1)
	}
	for s.order.Len() > maxSecrets || s.bytes > maxSecretBytes {
		s.forget(s.order.Front())
	}
}

// refresh reports whether a secret is known, and remembers it for longer.
func (s *secretSet) refresh(secret string) bool {
	s.mu.RLock()
	element, known := s.known[secret]
	newest := element == nil || element == s.order.Back()
	s.mu.RUnlock()
	if !known || newest {
		return known
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if element, known = s.known[secret]; known && element != nil {
		s.order.MoveToBack(element)
	}
	return known
}

// forget drops a secret. The caller holds the lock.
func (s *secretSet) forget(element *list.Element) {
	secret, _ := s.order.Remove(element).(string)
	delete(s.known, secret)
	s.bytes -= len(secret)
	for _, form := range forms(secret) {
		s.count(form, -1)
	}
}

// count adds a form of a secret, or drops it. The caller holds the lock.
func (s *secretSet) count(form string, by int) {
	key := prefix([]byte(form[:minSecret]))
	if s.lengths[key] == nil {
		s.lengths[key] = map[int]int{}
	}
	s.first[form[0]] += by
	s.forms[form] += by
	s.lengths[key][len(form)] += by
	if s.forms[form] == 0 {
		delete(s.forms, form)
	}
	if s.lengths[key][len(form)] == 0 {
		delete(s.lengths[key], len(form))
	}
	if len(s.lengths[key]) == 0 {
		delete(s.lengths, key)
	}
}

// find gives where in a text secrets are: pairs of the first byte's place and that of the first byte after it. They
// begin in order and may overlap.
func (s *secretSet) find(text string) (spans [][]int) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if len(s.forms) == 0 {
		return nil
	}
	for i := 0; i+minSecret <= len(text); i++ {
		if s.first[text[i]] == 0 {
			continue
		}
		longest := 0
		for length := range s.lengths[prefix([]byte(text[i:i+minSecret]))] {
			if length > longest && length <= len(text)-i && s.forms[text[i:i+length]] > 0 {
				longest = length
			}
		}
		if longest > 0 {
			spans = append(spans, []int{i, i + longest})
		}
	}
	return spans
}

// forms are the ways in which a secret is written: as it is, in JSON, in a query and in base64.
func forms(secret string) []string {
	all := []string{secret}
	others := []string{url.QueryEscape(secret), base64.StdEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret))}
	if encoded, err := json.Marshal(secret); err == nil {
		others = append(others, string(encoded[1:len(encoded)-1]))
	}
	for _, form := range others {
		if form != secret && len(form) >= minSecret {
			all = append(all, form)
		}
	}
	return all
}
