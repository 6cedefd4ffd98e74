package cookiejar

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

const (
	maxAge             = 34560000 // SPEC 12.4
	maxNameOctets      = 124      // SPEC 12.2 item 5
	maxAttributeOctets = 1024
	maxBlanks          = 16 // SPEC 11.1 steps 3 and 5
)

var (
	namePattern   = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
	pathPattern   = regexp.MustCompile(`^/[\x20-\x3a\x3c-\x7e]*$`)
	domainPattern = regexp.MustCompile(`^\.?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$`)
)

// Attributes are the name and the attributes of a cookie (SPEC 12.1). The zero value is the default of all ports:
// __Host-session, with Path=/, Secure, HttpOnly and SameSite=Lax.
type Attributes struct {
	// Name is __Host-session if it is empty, Path is "/". Without a Domain the cookie is for one host.
	Name, Path, Domain string
	// Insecure leaves out Secure: for plain http on a host that is not localhost, never in production.
	Insecure bool
	// ScriptReadable leaves out HttpOnly: scripts in a page can then read the cookie.
	ScriptReadable bool
	// SameSite is Lax if it is zero. SameSiteDefaultMode leaves the attribute out.
	SameSite    http.SameSite
	Partitioned bool
}

func (a Attributes) fill() Attributes {
	if a.Name == "" {
		a.Name = "__Host-session"
	}
	if a.Path == "" {
		a.Path = "/"
	}
	if a.SameSite == 0 {
		a.SameSite = http.SameSiteLaxMode
	}
	return a
}

// Check refuses what breaks the table of SPEC 12.1, and what browsers refuse (SPEC 12.2).
func (a Attributes) Check() error {
	a = a.fill()
	name := strings.ToLower(a.Name)
	isHTTPOnlyName := strings.HasPrefix(name, "__http-") || strings.HasPrefix(name, "__host-http-")
	switch {
	case !namePattern.MatchString(a.Name) || len(a.Name) > maxNameOctets:
		return fmt.Errorf("cookiejar: cookie name must be 1 to %d letters, digits or other tchar", maxNameOctets)
	case !pathPattern.MatchString(a.Path) || len(a.Path) > maxAttributeOctets:
		return errors.New(`cookiejar: cookie path must begin with "/" and hold printable ASCII without ";"`)
	case a.Domain != "" && !domainPattern.MatchString(a.Domain) || len(a.Domain) > maxAttributeOctets:
		return errors.New("cookiejar: cookie domain must be a host name")
	case a.SameSite < http.SameSiteDefaultMode || a.SameSite > http.SameSiteNoneMode:
		return errors.New("cookiejar: cookie SameSite must be one of the four modes of net/http")
	case strings.HasPrefix(name, "__host-") && (a.Domain != "" || a.Insecure || a.Path != "/"):
		return errors.New(`cookiejar: a __Host- cookie must not be Insecure, needs the path "/" and no domain`)
	case strings.HasPrefix(name, "__secure-") && a.Insecure:
		return errors.New("cookiejar: a __Secure- cookie needs Secure")
	case (a.SameSite == http.SameSiteNoneMode || a.Partitioned) && a.Insecure:
		return errors.New("cookiejar: SameSite=None and Partitioned need Secure")
	case isHTTPOnlyName && (a.Insecure || a.ScriptReadable):
		return errors.New("cookiejar: a __Http- cookie needs Secure and HttpOnly")
	}
	return nil
}

// SetCookie is the Set-Cookie field of a token (SPEC 12.3). Expires is the envelope's, now the moment of sealing; they
// make the Max-Age of a persistent session (SPEC 12.4).
func (a Attributes) SetCookie(token string, persistent bool, expires, now int64) string {
	field := a.render(token)
	if persistent {
		field += fmt.Sprintf("; Max-Age=%d", max(0, min(expires-now, maxAge)))
	}
	return field
}

// Deletion is the Set-Cookie field that deletes the cookie (SPEC 12.5).
func (a Attributes) Deletion() string { return a.render("") + "; Max-Age=0" }

func (a Attributes) render(value string) string {
	a = a.fill()
	field := a.Name + "=" + value + "; Path=" + a.Path
	if a.Domain != "" {
		field += "; Domain=" + strings.TrimPrefix(a.Domain, ".")
	}
	if !a.Insecure {
		field += "; Secure"
	}
	if !a.ScriptReadable {
		field += "; HttpOnly"
	}
	switch a.SameSite {
	case http.SameSiteLaxMode:
		field += "; SameSite=Lax"
	case http.SameSiteStrictMode:
		field += "; SameSite=Strict"
	case http.SameSiteNoneMode:
		field += "; SameSite=None"
	}
	if a.Partitioned {
		field += "; Partitioned"
	}
	return field
}

// hasHostPrefix tells whether no subdomain can set a cookie of this name. Browsers ignore the case of the prefix.
func (a Attributes) hasHostPrefix() bool {
	return strings.HasPrefix(strings.ToLower(a.Name), "__host-")
}

// isSameCookie tells whether browsers know one cookie by both sets of attributes (SPEC 12.6).
func (a Attributes) isSameCookie(other Attributes) bool {
	bare := func(domain string) string { return strings.ToLower(strings.TrimPrefix(domain, ".")) }
	return a.Name == other.Name && a.Path == other.Path && a.Partitioned == other.Partitioned &&
		bare(a.Domain) == bare(other.Domain)
}

// ScanCookies gives the values of a cookie in the Cookie fields of a request, in order (SPEC 11.1).
func ScanCookies(fields []string, name string) []string {
	var values []string
	for _, piece := range strings.Split(strings.Join(fields, "; "), ";") {
		piece = trimStart(piece)
		if strings.HasPrefix(piece, name+"=") {
			value, _, _ := strings.Cut(piece[len(name)+1:], ",")
			values = append(values, trimEnd(trimStart(value)))
		}
	}
	return values
}

func trimStart(text string) string {
	count := 0
	for count < len(text) && count < maxBlanks && isBlank(text[count]) {
		count++
	}
	return text[count:]
}

func trimEnd(text string) string {
	end := len(text)
	for end > 0 && len(text)-end < maxBlanks && isBlank(text[end-1]) {
		end--
	}
	return text[:end]
}

func isBlank(octet byte) bool { return octet == ' ' || octet == '\t' }
