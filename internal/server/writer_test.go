package server

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

// boundedRecorder records for how long may be written, each time that it is told.
type boundedRecorder struct {
	*httptest.ResponseRecorder

	bounds []time.Duration
}

func (r *boundedRecorder) SetWriteDeadline(end time.Time) error {
	r.bounds = append(r.bounds, time.Until(end))
	return nil
}

// TestTheEndOfAnAnswerHasTimeToo writes, works on for a while and ends: what net/http then sends has as long as any write.
func TestTheEndOfAnAnswerHasTimeToo(t *testing.T) {
	t.Parallel()
	for worked, want := range map[time.Duration]int{0: 1, time.Second / 2: 1, 2 * time.Second: 2, time.Hour: 2} {
		synctest.Test(t, func(t *testing.T) {
			guard, err := newGuard(nil, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			recorder := &boundedRecorder{ResponseRecorder: httptest.NewRecorder()}
			request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost/", http.NoBody)
			guard.wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if _, err := io.WriteString(w, "answer"); err != nil {
					t.Error(err)
				}
				time.Sleep(worked)
			})).ServeHTTP(recorder, request)
			if len(recorder.bounds) != want || recorder.bounds[want-1] != writeTimeout {
				t.Errorf("after %s: %v", worked, recorder.bounds)
			}
		})
	}
}
