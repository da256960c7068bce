package auth

import (
	"context"
	"net/http"
	"net/textproto"
	"strings"
	"testing"

	"github.com/robutlerai/robutler-mcp/client"
)

func TestBearers(t *testing.T) {
	t.Parallel()
	const key = "rok_0123456789abcdef"
	for name, test := range map[string]struct {
		target  string
		headers []string
		status  int
		kind    string
	}{
		"good":                   {"/mcp", []string{"Bearer " + key}, 0, ""},
		"any case":               {"/mcp", []string{"bEARER  " + key + " "}, 0, ""},
		"other parameters":       {"/message?sessionId=x", []string{"Bearer " + key}, 0, ""},
		"none":                   {"/mcp", nil, 401, ""},
		"basic":                  {"/mcp", []string{"Basic cm9rOnJvaw=="}, 401, ""},
		"empty":                  {"/mcp", []string{""}, 401, ""},
		"no credential":          {"/mcp", []string{"Bearer "}, 401, "invalid_token"},
		"short":                  {"/mcp", []string{"Bearer rok_0"}, 401, "invalid_token"},
		"long":                   {"/mcp", []string{"Bearer " + strings.Repeat("a", maxBearer+1)}, 401, "invalid_token"},
		"two words":              {"/mcp", []string{"Bearer " + key + " " + key}, 401, "invalid_token"},
		"two, with a comma":      {"/mcp", []string{"Bearer " + key + ",Bearer " + key}, 401, "invalid_token"},
		"not ASCII":              {"/mcp", []string{"Bearer rok_0123456789abcdé"}, 401, "invalid_token"},
		"two headers":            {"/mcp", []string{"Bearer " + key, "Bearer " + key}, 400, "invalid_request"},
		"in the address":         {"/mcp?access_token=" + key, nil, 400, "invalid_request"},
		"in the address, too":    {"/mcp?a=b;access%5Ftoken=" + key, []string{"Bearer " + key}, 400, "invalid_request"},
		"in the address of /sse": {"/sse?API_KEY=" + key, nil, 400, "invalid_request"},
	} {
		r := request(t, test.target, "")
		r.Header["Authorization"] = test.headers
		got, fault := bearerOf(r)
		switch {
		case test.status == 0 && (fault != nil || got != key):
			t.Errorf("%s: %q, %+v", name, got, fault)
		case test.status != 0 && (fault == nil || fault.status != test.status || fault.kind != test.kind):
			t.Errorf("%s: %q, %+v", name, got, fault)
		case fault != nil && strings.Contains(fault.refusal(challenge{}).Challenge+fault.reason, key):
			t.Errorf("%s: the answer repeats the key", name)
		}
	}
}

func nameOf(key string) string { return "digest of " + key }

func TestPassthroughAsksThePlatformBeforeItKeepsAnything(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		known           bool
		err             error
		refused, failed bool
	}{
		"known":                 {true, nil, false, false},
		"unknown":               {false, nil, true, false},
		"an agent's own":        {false, client.ErrForbidden, false, false},
		"the platform is down":  {false, client.ErrUnavailable, false, true},
		"the platform is tired": {false, client.ErrRateLimited, false, true},
	} {
		p := Passthrough{Name: nameOf, Validate: func(context.Context) (bool, error) { return test.known, test.err }}
		who, err := p.Authenticate(request(t, "/mcp", aliceKey))
		if key, keyErr := who.Key(t.Context()); err != nil || keyErr != nil || key != aliceKey || who.ID != nameOf(aliceKey) || len(who.Denied) > 0 {
			t.Fatalf("%s: %+v, %v", name, who, err)
		}
		err = who.Verify(t.Context())
		if (err != nil) != (test.refused || test.failed) || isFault(err) != test.failed {
			t.Errorf("%s: %v", name, err)
		}
		if test.refused && !strings.Contains(refusalOf(t, err).Challenge, "invalid_token") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := (Passthrough{}).Authenticate(request(t, "/mcp", "")); refusalOf(t, err).Status != http.StatusUnauthorized {
		t.Error(err)
	}
}

func FuzzAuthorizationHeader(f *testing.F) {
	for _, seed := range []string{"Bearer rok_0123456789abcdef", "bearer\teyJ.eyJ.x", "Bearer a,b", "Basic eA==", "Bearer \x00", "Bearer  ==", "\"\\"} {
		f.Add(seed, "access_token=x&a=%zz;token")
	}
	f.Fuzz(func(t *testing.T, header, query string) {
		credential, fault := parseBearer(header)
		if (credential == "") != (fault != nil) {
			t.Fatalf("%q: %q, %v", header, credential, fault)
		}
		if fault == nil && (!isToken68(credential) || len(credential) > maxBearer || !strings.HasSuffix(strings.TrimRight(header, " "), credential)) {
			t.Fatalf("%q gave %q", header, credential)
		}
		hasParameter(query, "token")
		value := challenge{kind: header, description: query, scope: header, metadata: query}.String()
		if strings.Count(value, `"`)%2 != 0 || strings.ContainsAny(value, "\r\n\\") || textproto.TrimString(value) != value {
			t.Fatalf("challenge %q", value)
		}
	})
}
