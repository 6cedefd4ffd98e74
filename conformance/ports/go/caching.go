package cookiejar

import (
	"net/http"
	"regexp"
	"strings"
)

// A piece between commas. Inside a quoted string a comma does not separate, and one that is not closed runs to the end.
var directive = regexp.MustCompile(`(?s)(?:[^,"]|"(?:[^"\\]|\\.)*(?:"|\\?$))+`)

// The ends of the names of fields that some shared caches obey in place of Cache-Control (SPEC 13.9.2).
var targetedEnds = []string{"-cache-control", "surrogate-control", "edge-control", "x-accel-expires"}

// KeepPrivate edits the header of a response that sets or deletes the session's cookie, so that no shared cache keeps
// the response (SPEC 13.10), and adds Cookie to Vary.
func KeepPrivate(header http.Header) {
	isShared, isUnshared := false, false
	kept := []string{"private"}
	for _, each := range listDirectives(header["Cache-Control"]) {
		name, _, _ := strings.Cut(strings.ToLower(each), "=")
		switch {
		case name == "public" || name == "s-maxage":
			isShared = true
		case strings.EqualFold(each, "private"):
			isUnshared = true
		default:
			isUnshared = isUnshared || strings.EqualFold(each, "no-store")
			kept = append(kept, each)
		}
	}
	if isShared || !isUnshared {
		header.Set("Cache-Control", strings.Join(kept, ", "))
	}
	for name, values := range header {
		if isTargeted(name) && !includesAny(listDirectives(values), "no-store", "0") {
			delete(header, name)
		}
	}
	VaryByCookie(header)
}

// VaryByCookie adds Cookie to Vary, as the response to every request whose session was read has it (SPEC 13.11).
func VaryByCookie(header http.Header) {
	members := []string{}
	for _, member := range strings.Split(strings.Join(header["Vary"], ","), ",") {
		if member = strings.Trim(member, " \t"); member != "" {
			members = append(members, member)
		}
	}
	if !includesAny(members, "*", "Cookie") {
		header.Set("Vary", strings.Join(append(members, "Cookie"), ", "))
	}
}

// isSharedCacheable tells whether the application wants shared caches to keep the response (SPEC 13.9).
func isSharedCacheable(header http.Header) bool {
	targeted := make(map[string][]string)
	for name, values := range header {
		if isTargeted(name) {
			name = strings.ToLower(name)
			targeted[name] = append(targeted[name], values...)
		}
	}
	for _, values := range targeted {
		directives := listDirectives(values)
		if len(directives) > 0 && !includesAny(directives, "no-store", "private", "no-cache", "max-age=0", "0") {
			return true
		}
	}
	for _, each := range listDirectives(header["Cache-Control"]) {
		if name, _, _ := strings.Cut(each, "="); includesAny([]string{name}, "public", "s-maxage") {
			return true
		}
	}
	return false
}

// listDirectives lists the directives of a field (SPEC 13.9.1).
func listDirectives(values []string) []string {
	found := []string{}
	for _, piece := range directive.FindAllString(strings.Join(values, ","), -1) {
		if piece = strings.Trim(piece, " \t"); piece != "" {
			found = append(found, piece)
		}
	}
	return found
}

func isTargeted(name string) bool {
	for _, end := range targetedEnds {
		if strings.HasSuffix(strings.ToLower(name), end) {
			return true
		}
	}
	return false
}

func includesAny(pieces []string, words ...string) bool {
	for _, piece := range pieces {
		for _, word := range words {
			if strings.EqualFold(piece, word) {
				return true
			}
		}
	}
	return false
}
