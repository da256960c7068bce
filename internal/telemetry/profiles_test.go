package telemetry

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestProfilesAreServed(t *testing.T) {
	t.Parallel()
	service, err := ServeProfiles(t.Context(), "127.0.0.1:0", quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = service.Close() }()
	const packed, recorded = "\x1f\x8b", "go 1."
	for path, want := range map[string]struct {
		status int
		body   string
	}{
		"":                     {http.StatusOK, "goroutine "},
		"heap":                 {http.StatusOK, packed},
		"heap?gc=1":            {http.StatusOK, packed},
		"allocs":               {http.StatusOK, packed},
		"heap?debug=1":         {http.StatusOK, "heap profile: "},
		"goroutine?debug=2":    {http.StatusOK, "goroutine "},
		"mutex?debug=x":        {http.StatusOK, packed},
		"cmdline":              {http.StatusOK, "telemetry.test"},
		"profile?seconds=0.01": {http.StatusOK, packed},
		"trace?seconds=0.01":   {http.StatusOK, recorded},
		"heap?seconds=5":       {http.StatusBadRequest, "only profile and trace"},
		"secrets":              {http.StatusNotFound, "no such profile"},
	} {
		status, body := fetch(t, "http://"+service.Address+"/debug/pprof/"+path)
		if status != want.status || !strings.Contains(body, want.body) {
			t.Errorf("%s: %d %.100q", path, status, body)
		}
	}
}

// A profile of the processor that cannot be taken, since another is, is an error and no empty file.
func TestProfilesAreTakenOneAtATime(t *testing.T) {
	t.Parallel()
	busy := func(io.Writer) error { return errors.New("in use") }
	answer := httptest.NewRecorder()
	record(profileTime, busy, func() { t.Error("stopped what was not begun") })(answer, httptest.NewRequest(http.MethodGet, "/debug/pprof/profile", http.NoBody))
	if answer.Code != http.StatusInternalServerError || answer.Header().Get("Content-Disposition") != "" || !strings.Contains(answer.Body.String(), "in use") {
		t.Errorf("%d %v %s", answer.Code, answer.Header(), answer.Body)
	}
}
