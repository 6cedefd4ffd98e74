package cookiejar

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Session is the session of one request. Sessions.Open gives it; Save keeps what was changed. It is for one goroutine.
//
// Only Data can be written. Printed in any way, and as JSON, a session shows no sid.
type Session struct {
	// Data is the content. Its values are those of Envelope.Data.
	Data map[string]any

	sessions *Sessions
	reading  Reading
	envelope Envelope
	baseline []byte // data and flash as they were at first

	wasEmpty bool  // no data at first
	lifetime int64 // in seconds, of Regenerate

	isNew, isDiscarded, isCleared, isAskedToSeal, wantsCSRF, isSaved bool
}

// Open gives the session of a request with these header fields, or a new one. Now is in Unix seconds.
func (s *Sessions) Open(header http.Header, now int64) *Session {
	reading := s.Read(header["Cookie"], now)
	session := &Session{sessions: s, reading: reading, isNew: reading.Name == ""}
	session.begin(reading.Envelope)
	return session
}

func (s *Session) begin(e Envelope) {
	s.envelope, s.Data, s.wasEmpty = e, e.Data, len(e.Data) == 0
	s.lifetime = e.Until - e.Created
	s.baseline, _ = e.encodeContent() // what was just decoded, or is empty, has an encoding
}

// Save adds to the header of a response what keeps the session: Set-Cookie where it is needed, Vary, Cache-Control (SPEC
// 13.5 to 13.12). Call it once, before WriteHeader, after everything else that sets Cache-Control, and also if the
// session was only read: Save renews it in time. Status is that of the response.
//
// If it returns an error, it has changed nothing, and you can still send another response. The error is ErrTooLarge by
// errors.Is, or it says which value of Data cannot be kept. What is written after Save is lost.
func (s *Session) Save(header http.Header, status int, now int64) error {
	if s.isSaved {
		return errors.New("cookiejar: session was saved before; call Save once, after the last change")
	}
	fields, err := s.decide(header, status, now)
	if err != nil {
		return err
	}
	s.isSaved = true
	if len(fields) > 0 {
		header["Set-Cookie"] = append(header["Set-Cookie"], fields...)
		KeepPrivate(header)
	}
	VaryByCookie(header)
	return nil
}

// decide is SPEC 13.5 from step 2 on. It gives the Set-Cookie fields.
func (s *Session) decide(header http.Header, status int, now int64) ([]string, error) {
	if s.Data == nil {
		s.Data = map[string]any{}
	}
	s.envelope.Data = s.Data
	content, err := s.envelope.encodeContent()
	if err != nil {
		return nil, err
	}
	wasOpened := s.reading.Name != ""
	wrote := !bytes.Equal(content, s.baseline) || s.isAskedToSeal || s.wantsCSRF && s.isNew
	hasContent := len(s.Data) > 0 || len(s.envelope.Flash) > 0
	mayCarryForm := !s.isNew && s.wasEmpty && !s.isCleared
	switch {
	case s.isDiscarded && !wrote:
		return s.sessions.deleteCookies(s.reading), nil
	case wrote && (hasContent || s.wantsCSRF || mayCarryForm):
		return s.seal(now)
	case wrote && (wasOpened || s.isDiscarded):
		return s.sessions.deleteCookies(s.reading), nil
	case status == http.StatusNotModified || isSharedCacheable(header) || s.sessions.isSetIn(header):
		return nil, nil
	case s.reading.IsDue:
		fields, _ := s.seal(now) // SPEC 13.8: what cannot be sealed is left out
		return fields, nil
	case s.reading.IsDead:
		return s.sessions.deleteCookies(s.reading), nil
	}
	return nil, nil
}

func (s *Session) seal(now int64) ([]string, error) {
	return s.sessions.setCookies(s.reading, s.envelope, s.isDiscarded, now)
}

func (s *Sessions) isSetIn(header http.Header) bool {
	for _, field := range header["Set-Cookie"] {
		if strings.HasPrefix(field, s.settings.Cookie.Name+"=") {
			return true
		}
	}
	return false
}

// Regenerate gives the session a new sid and as long an absolute lifetime as it had, from now on (SPEC 13.4). Call it at
// every login, and wherever a visitor gains rights, against session fixation.
func (s *Session) Regenerate() {
	now := s.reading.now
	draw(s.envelope.SID[:])
	s.envelope.Created = now
	s.envelope.Until = min(now+s.lifetime, maxTime)
	s.isAskedToSeal, s.wantsCSRF = true, false
}

// Renew restarts the idle timeout, whether or not it is time.
func (s *Session) Renew() { s.isAskedToSeal = true }

// Discard ends the session: after Save the browser has no cookie of it, under no name. Call it at logout. What is
// written afterwards begins a new session.
func (s *Session) Discard() {
	s.begin(s.sessions.settings.Policy.NewEnvelope(s.reading.now))
	s.isNew, s.isDiscarded = true, true
	s.isCleared, s.isAskedToSeal, s.wantsCSRF = false, false, false
}

// Clear empties data and flash, and keeps the session.
func (s *Session) Clear() {
	s.Data, s.envelope.Flash = map[string]any{}, nil
	s.isCleared = true
}

// SetLifetime changes how long this session lives, for example for "remember me". Idle and absolute are in seconds; zero
// leaves them. A persistent session outlives the browser.
func (s *Session) SetLifetime(idle, absolute int64, persistent bool) {
	if idle != 0 {
		s.envelope.Idle = idle
	}
	if absolute != 0 {
		s.envelope.Until, s.lifetime = s.reading.now+absolute, absolute
	}
	s.envelope.Persistent = persistent
	s.isAskedToSeal = true
}

// AddFlash adds a message for the next page. It drops the oldest of 32 others.
func (s *Session) AddFlash(category string, value any) { s.envelope.AddFlash(category, value) }

// TakeFlash gives the messages of a category, the oldest first, and removes them.
func (s *Session) TakeFlash(category string) []any {
	taken, kept := []any{}, []Flash{}
	for _, flash := range s.envelope.Flash {
		if flash.Category == category {
			taken = append(taken, flash.Value)
		} else {
			kept = append(kept, flash)
		}
	}
	s.envelope.Flash = kept
	return taken
}

// TakeAllFlash gives the messages of all categories, the oldest first, and removes them.
func (s *Session) TakeAllFlash() []Flash {
	taken := s.envelope.Flash
	s.envelope.Flash = nil
	return taken
}

// MakeCSRFToken gives a token for a form; the form's name may be empty. Save then keeps also a session that is empty.
func (s *Session) MakeCSRFToken(form string) string {
	s.wantsCSRF = true
	return s.envelope.SID.MakeCSRFToken(form)
}

// CheckCSRFToken tells whether a token is one of this session for this form.
func (s *Session) CheckCSRFToken(form, token string) bool {
	return s.envelope.SID.CheckCSRFToken(form, token)
}

// IsNew tells whether the request brought no session that was accepted, or Discard was called.
func (s *Session) IsNew() bool { return s.isNew }

// Reason is why the request's cookie was refused, for logs only; empty if it was accepted, or if there was none.
func (s *Session) Reason() Reason { return s.reading.Reason }

// LogID names the session in logs. It is not secret.
func (s *Session) LogID() string { return s.envelope.SID.LogID() }

// IsPersistent tells whether the session outlives the browser.
func (s *Session) IsPersistent() bool { return s.envelope.Persistent }

// Created is when the session began.
func (s *Session) Created() time.Time { return time.Unix(s.envelope.Created, 0) }

// Expires is when the session expires if it is not renewed.
func (s *Session) Expires() time.Time { return time.Unix(s.envelope.Expires(), 0) }

// Format shows the log id alone, whatever the verb.
func (s Session) Format(state fmt.State, _ rune) { fmt.Fprintf(state, "<session %s>", s.LogID()) }
