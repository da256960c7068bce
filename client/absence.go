package client

import (
	"errors"
	"net/http"
	"strings"
)

// How platforms word that a 404 is about the address rather than about what was named in the body, and the other way
// round. Codes are read as words.
var (
	routeAbsent = compiled(`(?i)\b(route|endpoint|path|url)s? (was |is )?(not found|unknown)|\b(no such|unknown) (route|endpoint|path|url)\b|\bcannot (get|post|put|patch|delete) /`)
	thingNamed  = compiled(`(?i)\b(token|lock|payment|agent|scheme|network)s?\b`)
	plainly     = compiled(`(?i)\b(error|http|404|resource|not|found|notfound)\b|\W`)
)

// lacksRoute reports whether an error says that the platform does not have the route.
func lacksRoute(err error) bool {
	apiError, ok := errors.AsType[*APIError](err)
	switch {
	case !ok:
		return false
	case apiError.StatusCode == http.StatusMethodNotAllowed:
		return true
	default:
		return apiError.StatusCode == http.StatusNotFound && routeAbsent().MatchString(apiError.words())
	}
}

// words are what the platform says about the failure, its code included.
func (e *APIError) words() string {
	return strings.NewReplacer("_", " ", "-", " ").Replace(e.Code) + ": " + e.Message + e.AgentText
}

// lacksThing reports whether a 404 says that what was named in the body does not exist.
func lacksThing(apiError *APIError) bool {
	words := apiError.words()
	if apiError.StatusCode != http.StatusNotFound || routeAbsent().MatchString(words) {
		return false
	}
	return thingNamed().MatchString(words) || (apiError.Code != "" && plainly().ReplaceAllString(words, "") != "")
}

// mayBeElsewhere reports whether an error may mean that the platform does not have the route, so that the next is to be
// tried.
func mayBeElsewhere(o *operation, err error) bool {
	apiError, ok := errors.AsType[*APIError](err)
	if !ok || (apiError.StatusCode != http.StatusNotFound && apiError.StatusCode != http.StatusMethodNotAllowed) {
		return false
	}
	// A thing that stands in the path may be found by another route, which knows names or ids that this one does not.
	return !o.names || o.placed() || !lacksThing(apiError)
}

// placed reports whether a thing is named in the path.
func (o *operation) placed() bool {
	for _, candidate := range o.Routes {
		if strings.Contains(candidate.Path, "{") {
			return true
		}
	}
	return false
}

// unserved tells for the 404 or 405 that all routes gave whether it is the thing that is not there, or the route.
func unserved(o *operation, err error) error {
	apiError, ok := errors.AsType[*APIError](err)
	if !ok {
		return err
	}
	wordless := strings.Trim(apiError.words(), ": ") == ""
	if apiError.StatusCode == http.StatusNotFound && !lacksRoute(err) && (o.placed() || (o.names && !wordless)) {
		return err
	}
	apiError.kind = ErrUnsupported
	return apiError
}
