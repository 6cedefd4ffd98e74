package cookiejar

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// ParseSettings reads the configuration that sessions.configuration_json() of the Python package prints
// (conformance/README.md, "One configuration everywhere"). It holds no key: set Keyring before NewSessions.
func ParseSettings(text []byte) (Settings, error) {
	var given struct {
		configuredCookie
		Policy             json.RawMessage
		MaxTokenCharacters int               `json:"max_token_characters"`
		Previous           []json.RawMessage `json:"previous"`
	}
	var settings Settings
	if err := decodeExactly("configuration", text, &given,
		"cookie", "purpose", "policy", "max_token_characters", "previous"); err != nil {
		return settings, err
	}
	var err error
	if settings.Cookie, err = parseAttributes(given.Cookie); err != nil {
		return settings, err
	}
	if settings.Policy, err = parsePolicy(given.Policy); err != nil {
		return settings, err
	}
	settings.MaxTokenCharacters = given.MaxTokenCharacters
	isOwnName, isOnePurpose := given.Purpose == settings.Cookie.Name, true
	for _, each := range given.Previous {
		var previous configuredCookie
		if err := decodeExactly("previous", each, &previous, "cookie", "purpose"); err != nil {
			return settings, err
		}
		attributes, err := parseAttributes(previous.Cookie)
		if err != nil {
			return settings, err
		}
		settings.Previous = append(settings.Previous, attributes)
		isOwnName = isOwnName && previous.Purpose == attributes.Name
		isOnePurpose = isOnePurpose && previous.Purpose == given.Purpose
	}
	if !isOwnName {
		settings.Purpose = &given.Purpose
	}
	if !isOwnName && !isOnePurpose {
		return settings, errors.New("cookiejar: configuration: purposes must be all the same, or each the cookie's name")
	}
	return settings, nil
}

type configuredCookie struct {
	Cookie  json.RawMessage `json:"cookie"`
	Purpose string          `json:"purpose"`
}

func parseAttributes(text json.RawMessage) (Attributes, error) {
	var given struct {
		Name, Path                    string
		Domain, SameSite              *string
		Secure, HTTPOnly, Partitioned bool
	}
	if err := decodeExactly("cookie", text, &given,
		"name", "path", "domain?", "secure", "httponly", "samesite?", "partitioned"); err != nil {
		return Attributes{}, err
	}
	attributes := Attributes{
		Name: given.Name, Path: given.Path, Insecure: !given.Secure, ScriptReadable: !given.HTTPOnly,
		SameSite: http.SameSiteDefaultMode, Partitioned: given.Partitioned,
	}
	if given.Domain != nil {
		attributes.Domain = *given.Domain
	}
	if given.SameSite != nil {
		modes := map[string]http.SameSite{
			"Lax": http.SameSiteLaxMode, "Strict": http.SameSiteStrictMode, "None": http.SameSiteNoneMode,
		}
		attributes.SameSite = modes[*given.SameSite]
	}
	if attributes.Name == "" || attributes.Path == "" || attributes.SameSite == 0 || given.Domain != nil && *given.Domain == "" {
		return attributes, errors.New("cookiejar: configuration: name, path, domain and samesite must not be empty, and " +
			"samesite must be Lax, Strict, None or null")
	}
	return attributes, nil
}

func parsePolicy(text json.RawMessage) (Policy, error) {
	var given struct {
		IdleTimeout      int64 `json:"idle_timeout"`
		AbsoluteLifetime int64 `json:"absolute_lifetime"`
		Persistent       bool
		RenewAfter       int64 `json:"renew_after"`
		LongestIdle      int64 `json:"longest_idle"`
		LongestLifetime  int64 `json:"longest_lifetime"`
		NotBefore        int64 `json:"not_before"`
	}
	err := decodeExactly("policy", text, &given, "idle_timeout", "absolute_lifetime", "persistent", "renew_after?",
		"longest_idle?", "longest_lifetime?", "not_before?")
	return Policy(given), err
}

// decodeExactly decodes an object that has these names and no others. A name with "?" may be null.
func decodeExactly(what string, text []byte, target any, names ...string) error {
	var given map[string]json.RawMessage
	if err := json.Unmarshal(text, &given); err != nil {
		return fmt.Errorf("cookiejar: %s must be a JSON object; print it with sessions.configuration_json()", what)
	}
	for _, name := range names {
		bare := strings.TrimSuffix(name, "?")
		value, ok := given[bare]
		if !ok || bare == name && string(value) == "null" {
			return fmt.Errorf("cookiejar: %s lacks %q; print it with sessions.configuration_json()", what, bare)
		}
		delete(given, bare)
	}
	for name := range given {
		return fmt.Errorf("cookiejar: %s has %q, which this port does not know; update the port", what, name)
	}
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(target); err != nil {
		return fmt.Errorf("cookiejar: %s: %w", what, err)
	}
	return nil
}
