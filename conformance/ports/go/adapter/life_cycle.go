package main

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"

	cookiejar "github.com/cookiejar-session/cookiejar-session/conformance/ports/go"
)

// action is what the application does with its session.
type action struct {
	Do         string `json:"do"`
	Key        string `json:"key"`
	Value      value  `json:"value"`
	Category   string `json:"category"`
	Idle       int64  `json:"idle"`
	Absolute   int64  `json:"absolute"`
	Persistent *bool  `json:"persistent"`
}

func runLifeCycle(input struct {
	configuration
	MaxTokenCharacters int         `json:"max_token_characters"`
	OpenedAt           int64       `json:"opened_at"`
	SealedAt           int64       `json:"sealed_at"`
	Actions            []action    `json:"actions"`
	Status             int         `json:"status"`
	Response           [][2]string `json:"response"`
}) (any, error) {
	sessions, err := input.toSessions(input.OpenedAt, input.MaxTokenCharacters)
	if err != nil {
		return nil, err
	}
	header := http.Header{}
	for _, field := range input.Response {
		header.Add(field[0], field[1])
	}
	theirs := len(header["Set-Cookie"])
	if len(input.Actions) > 0 { // otherwise the application does not open the session
		session := sessions.Open(http.Header{"Cookie": toTexts(input.CookieHeaders)}, input.OpenedAt)
		for _, each := range input.Actions {
			if err := act(session, each); err != nil {
				return nil, err
			}
		}
		if session.Save(header, input.Status, input.SealedAt) != nil {
			return nil, refused
		}
	}
	others := [][2]string{}
	for _, field := range input.Response {
		name := http.CanonicalHeaderKey(field[0])
		if _, isKept := header[name]; isKept && name != "Vary" && name != "Cache-Control" {
			others = append(others, [2]string{strings.ToLower(name), field[1]})
		}
	}
	setCookies := append([]string{}, header["Set-Cookie"][theirs:]...)
	answer := object{
		"set_cookies": setCookies, "token": nil, "others": others,
		"vary": append([]string{}, header["Vary"]...), "cache_control": append([]string{}, header["Cache-Control"]...),
	}
	if len(setCookies) == 0 {
		return answer, nil
	}
	pair, _, _ := strings.Cut(setCookies[0], ";")
	name, token, _ := strings.Cut(pair, "=")
	if token == "" {
		return answer, nil
	}
	setCookies[0] = strings.Replace(setCookies[0], token, "{token}", 1)
	purpose := name
	if input.Purpose != nil {
		purpose = *input.Purpose
	}
	keyring, err := cookiejar.ParseKeyring(input.Keyring, input.OpenedAt)
	if err != nil {
		return nil, err
	}
	answer["token"], err = describeToken(keyring, token, purpose, later(input.OpenedAt, input.SealedAt))
	return answer, err
}

func act(session *cookiejar.Session, a action) error {
	switch a.Do {
	case "read":
	case "set":
		session.Data[a.Key] = a.Value.held
	case "delete":
		delete(session.Data, a.Key)
	case "flash":
		session.AddFlash(a.Category, a.Value.held)
	case "pop-flash":
		session.TakeAllFlash()
	case "regenerate":
		session.Regenerate()
	case "renew":
		session.Renew()
	case "set-lifetime":
		persistent := session.IsPersistent()
		if a.Persistent != nil {
			persistent = *a.Persistent
		}
		session.SetLifetime(a.Idle, a.Absolute, persistent)
	case "clear":
		session.Clear()
	case "discard":
		session.Discard()
	case "csrf-token":
		session.MakeCSRFToken("")
	default:
		return fmt.Errorf("no action is called %q", a.Do)
	}
	return nil
}

// describeToken opens the token that was set. That it does not open is a fault, and no refusal of the write.
func describeToken(keyring *cookiejar.Keyring, token, purpose string, now int64) (object, error) {
	envelope, err := keyring.Open(token, purpose, cookiejar.Policy{}, now)
	if err != nil {
		return nil, fmt.Errorf("the token that was set does not open: %v", err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(token[len("cj1."):])
	if err != nil {
		return nil, err
	}
	return object{"key_id": hex.EncodeToString(raw[:8]), "envelope": fromEnvelope(envelope)}, nil
}

func later(a, b int64) int64 {
	if a > b {
		return a
	}
	return b
}
