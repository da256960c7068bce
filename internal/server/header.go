package server

import "net/http"

// field gives the first value of a header whose name is spelled as net/http keeps it. [http.Header.Get] spells it anew for each
// request.
func field(header http.Header, name string) string {
	if values := header[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}
