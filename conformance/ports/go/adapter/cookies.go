package main

import (
	cookiejar "github.com/cookiejar-session/cookiejar-session/conformance/ports/go"
)

func scan(input struct {
	CookieHeaders []octets `json:"cookie_headers"`
	Name          string   `json:"name"`
}) (any, error) {
	values := []octets{}
	for _, value := range cookiejar.ScanCookies(toTexts(input.CookieHeaders), input.Name) {
		values = append(values, octets(value))
	}
	return object{"values": values}, nil
}

// configuration is what the operations read and life-cycle have in common.
type configuration struct {
	Keyring       string       `json:"keyring"`
	Cookie        attributes   `json:"cookie"`
	Purpose       *string      `json:"purpose"`
	Previous      []attributes `json:"previous"`
	Policy        policy       `json:"policy"`
	CookieHeaders []octets     `json:"cookie_headers"`
}

func (c configuration) toSessions(now int64, maxTokenCharacters int) (*cookiejar.Sessions, error) {
	keyring, err := cookiejar.ParseKeyring(c.Keyring, now)
	if err != nil {
		return nil, refused
	}
	settings := cookiejar.Settings{
		Keyring: keyring, Purpose: c.Purpose, Policy: cookiejar.Policy(c.Policy), MaxTokenCharacters: maxTokenCharacters,
	}
	if settings.Cookie, err = c.Cookie.toAttributes(); err != nil {
		return nil, err
	}
	for _, previous := range c.Previous {
		made, err := previous.toAttributes()
		if err != nil {
			return nil, err
		}
		settings.Previous = append(settings.Previous, made)
	}
	sessions, err := cookiejar.NewSessions(settings)
	if err != nil {
		return nil, refused
	}
	return sessions, nil
}

func read(input struct {
	configuration
	Now int64 `json:"now"`
}) (any, error) {
	sessions, err := input.toSessions(input.Now, 0)
	if err != nil {
		return nil, err
	}
	reading := sessions.Read(toTexts(input.CookieHeaders), input.Now)
	switch {
	case reading.Reason != "":
		return nil, reading.Reason
	case reading.Name == "":
		return object{"name": nil, "envelope": nil}, nil
	}
	return object{"name": reading.Name, "envelope": fromEnvelope(reading.Envelope)}, nil
}

func setCookie(input struct {
	Cookie     attributes `json:"cookie"`
	Token      *string    `json:"token"`
	Persistent bool       `json:"persistent"`
	Expires    int64      `json:"expires"`
	Now        int64      `json:"now"`
}) (any, error) {
	cookie, err := input.Cookie.toAttributes()
	if err != nil || cookie.Check() != nil {
		return nil, refused
	}
	if input.Token == nil {
		return object{"set_cookie": cookie.Deletion()}, nil
	}
	return object{"set_cookie": cookie.SetCookie(*input.Token, input.Persistent, input.Expires, input.Now)}, nil
}

func makeCSRF(input struct {
	SID  octets `json:"sid"`
	Form string `json:"form"`
	Mask octets `json:"mask"`
}) (any, error) {
	sid, err := toSID(input.SID)
	if err != nil {
		return nil, err
	}
	var token string
	withRandom(input.Mask, func() { token = sid.MakeCSRFToken(input.Form) })
	return object{"token": token}, nil
}

func checkCSRF(input struct {
	SID   octets `json:"sid"`
	Form  string `json:"form"`
	Token octets `json:"token"`
}) (any, error) {
	sid, err := toSID(input.SID)
	if err != nil {
		return nil, err
	}
	if !sid.CheckCSRFToken(input.Form, string(input.Token)) {
		return nil, refused
	}
	return object{}, nil
}

func toTexts(given []octets) []string {
	texts := make([]string, len(given))
	for i, each := range given {
		texts[i] = string(each)
	}
	return texts
}
