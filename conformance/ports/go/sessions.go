package cookiejar

import (
	"errors"
	"unicode/utf8"
)

// DefaultMaxTokenCharacters leaves room for the other header fields of a response (SPEC 15.1).
const DefaultMaxTokenCharacters = 2660

// Settings are all that an application says about its sessions. Only Keyring is required. ParseSettings takes all others
// from the configuration of the Python application, so that both behave alike.
type Settings struct {
	Keyring *Keyring
	Cookie  Attributes
	// Purpose is bound into the box key; nil means each cookie's name (SPEC 3.5).
	Purpose *string
	// Previous are the attributes that the cookie had before, in order (SPEC 12.6).
	Previous []Attributes
	// Policy is DefaultPolicy() if it is zero.
	Policy Policy
	// MaxTokenCharacters bounds what is written (SPEC 13.8); zero means DefaultMaxTokenCharacters.
	MaxTokenCharacters int
}

// Sessions reads and writes the sessions of one application. It is safe for concurrent use.
type Sessions struct{ settings Settings }

// NewSessions checks the settings (SPEC 12.2, 12.6, 15.1).
func NewSessions(settings Settings) (*Sessions, error) {
	if settings.Keyring == nil {
		return nil, errors.New("cookiejar: settings need a Keyring; see KeyringFromEnvironment")
	}
	if settings.Purpose != nil && !utf8.ValidString(*settings.Purpose) {
		return nil, errors.New("cookiejar: purpose must be UTF-8")
	}
	settings.Cookie = settings.Cookie.fill()
	settings.Previous = append([]Attributes(nil), settings.Previous...)
	for i := range settings.Previous {
		settings.Previous[i] = settings.Previous[i].fill()
	}
	if settings.Policy == (Policy{}) {
		settings.Policy = DefaultPolicy()
	}
	if settings.MaxTokenCharacters == 0 {
		settings.MaxTokenCharacters = DefaultMaxTokenCharacters
	}
	if settings.MaxTokenCharacters < 132 || settings.MaxTokenCharacters > MaxTokenCharacters {
		return nil, errors.New("cookiejar: MaxTokenCharacters must be 132 to 3972")
	}
	if err := settings.Cookie.Check(); err != nil {
		return nil, err
	}
	for _, previous := range settings.Previous {
		if err := previous.Check(); err != nil {
			return nil, err
		}
		if previous.isSameCookie(settings.Cookie) {
			return nil, errors.New("cookiejar: a previous cookie is the current one; browsers tell them apart by name, " +
				"path, domain and Partitioned")
		}
		if settings.Purpose != nil && settings.Cookie.hasHostPrefix() && !previous.hasHostPrefix() {
			return nil, errors.New("cookiejar: a previous cookie without __Host- and an explicit Purpose: any subdomain " +
				"can set that cookie, and a session of its own would be moved; leave out one of the two")
		}
	}
	if err := settings.Policy.check(); err != nil {
		return nil, err
	}
	return &Sessions{settings}, nil
}

// setCookies seals an envelope and gives the Set-Cookie fields that set it (SPEC 12.7). Reading is that of the same
// request; now is the moment of sealing. After a discard the session of the request is no longer the current one.
func (s *Sessions) setCookies(reading Reading, envelope Envelope, isDiscarded bool, now int64) ([]string, error) {
	now = max(now, reading.now) // SPEC 9.7
	limit := s.settings.MaxTokenCharacters
	if !isDiscarded { // SPEC 13.8: a service with a higher limit may have sealed the session that was opened
		limit = int(max(int64(limit), int64(reading.characters)))
	}
	token, err := s.settings.Keyring.sealWithin(envelope, s.purposeOf(s.settings.Cookie), limit, now)
	if err != nil {
		return nil, err
	}
	fields := []string{s.settings.Cookie.SetCookie(token, envelope.Persistent, envelope.stamp(now).Expires(), now)}
	for _, previous := range s.settings.Previous {
		if previous.Name == s.settings.Cookie.Name || previous.Name == reading.Name || isDiscarded && reading.previous[previous.Name] {
			fields = append(fields, previous.Deletion())
		}
	}
	return fields, nil
}

// deleteCookies gives the Set-Cookie fields that delete the cookie (SPEC 12.8).
func (s *Sessions) deleteCookies(reading Reading) []string {
	fields := []string{s.settings.Cookie.Deletion()}
	for _, previous := range s.settings.Previous {
		if previous.Name == s.settings.Cookie.Name || reading.previous[previous.Name] {
			fields = append(fields, previous.Deletion())
		}
	}
	return fields
}

func (s *Sessions) purposeOf(cookie Attributes) string {
	if s.settings.Purpose != nil {
		return *s.settings.Purpose
	}
	return cookie.Name
}
