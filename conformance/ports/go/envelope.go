package cookiejar

import (
	"errors"
	"fmt"
)

const (
	maxTime    = 1<<48 - 1
	maxIdle    = 1<<32 - 1
	maxFlashes = 32
)

// Envelope is what a token holds (SPEC 5.1). It is for those who use the format without HTTP; applications have Session.
//
// Data, and the values of Flash, hold nil, bool, int64 and all other kinds of integer, float64, string, []byte, []any
// and map[string]any, nested to level 16. What was opened has int64 for every integer.
type Envelope struct {
	SID        SID
	Created    int64
	Issued     int64
	Idle       int64
	Until      int64
	Persistent bool
	Data       map[string]any
	Flash      []Flash
}

// Flash is a message for the next page.
type Flash struct {
	Category string
	Value    any
}

// Expires is the first second at which the session is expired (SPEC 9.1).
func (e Envelope) Expires() int64 { return min(e.Issued+e.Idle, e.Until) }

// AddFlash adds a message, and drops the oldest of 32 others (SPEC 5.6).
func (e *Envelope) AddFlash(category string, value any) {
	if len(e.Flash) >= maxFlashes {
		e.Flash = e.Flash[len(e.Flash)-maxFlashes+1:]
	}
	e.Flash = append(e.Flash, Flash{category, value})
}

// Encode is the one encoding of the envelope, its plaintext (SPEC 6). The error says what cannot be sealed (SPEC 5.3).
func (e Envelope) Encode() ([]byte, error) {
	return e.encodeBy(&writer{})
}

// encodeAnyLength is Encode, but a value that is too long for any token is encoded too, so that the length of the token
// is known. What is longer than the limit is not sealed.
func (e Envelope) encodeAnyLength() ([]byte, error) { return e.encodeBy(&writer{takesAnyLength: true}) }

func (e Envelope) encodeBy(w *writer) ([]byte, error) {
	if problem := e.findBreach(); problem != "" {
		return nil, errors.New("cookiejar: envelope cannot be sealed: " + problem)
	}
	return w.encodeArray(e.SID[:], e.Created, e.Issued, e.Idle, e.Until, e.Persistent, e.Data, e.listFlash())
}

// encodeContent encodes data and flash alone, of any length, at the level that they have in the envelope.
func (e Envelope) encodeContent() ([]byte, error) {
	return (&writer{takesAnyLength: true}).encodeArray(e.Data, e.listFlash())
}

func (e Envelope) listFlash() []any {
	flash := make([]any, len(e.Flash))
	for i, f := range e.Flash {
		flash[i] = []any{f.Category, f.Value}
	}
	return flash
}

func (w *writer) encodeArray(values ...any) ([]byte, error) {
	if err := w.writeArray(values, 0); err != nil {
		return nil, err
	}
	return w.octets, nil
}

// Format shows the log id and times, whatever the verb: no sid, no content (SPEC 14.5).
func (e Envelope) Format(state fmt.State, _ rune) {
	fmt.Fprintf(state, "<envelope %s created=%d issued=%d>", e.SID.LogID(), e.Created, e.Issued)
}

// DecodeEnvelope reads a plaintext. The error is BadEncoding or BadEnvelope (SPEC 8.2 steps 10 and 11).
func DecodeEnvelope(plaintext []byte) (Envelope, error) {
	value, err := decodeValue(plaintext)
	if err != nil {
		return Envelope{}, err
	}
	eight, ok := value.([]any)
	if !ok || len(eight) != 8 {
		return Envelope{}, BadEnvelope
	}
	var e Envelope
	sid, ok := eight[0].([]byte)
	if !ok || len(sid) != len(e.SID) {
		return Envelope{}, BadEnvelope
	}
	copy(e.SID[:], sid)
	for i, number := range []*int64{&e.Created, &e.Issued, &e.Idle, &e.Until} {
		if *number, ok = eight[1+i].(int64); !ok {
			return Envelope{}, BadEnvelope
		}
	}
	if e.Persistent, ok = eight[5].(bool); !ok {
		return Envelope{}, BadEnvelope
	}
	if e.Data, ok = eight[6].(map[string]any); !ok {
		return Envelope{}, BadEnvelope
	}
	if e.Flash, ok = toFlash(eight[7]); !ok || e.findBreach() != "" {
		return Envelope{}, BadEnvelope
	}
	return e, nil
}

func toFlash(value any) ([]Flash, bool) {
	entries, ok := value.([]any)
	if !ok {
		return nil, false
	}
	flash := make([]Flash, 0, len(entries))
	for _, entry := range entries {
		pair, ok := entry.([]any)
		if !ok || len(pair) != 2 {
			return nil, false
		}
		category, ok := pair[0].(string)
		if !ok {
			return nil, false
		}
		flash = append(flash, Flash{category, pair[1]})
	}
	return flash, true
}

// findBreach names the first of SPEC 5.2 items 4 to 8 that the envelope breaks, or nothing. Its types see to the rest.
func (e Envelope) findBreach() string {
	switch {
	case !isTime(e.Created) || !isTime(e.Issued) || !isTime(e.Until):
		return "created, issued and until must be times below 2^48"
	case e.Idle < 1 || e.Idle > maxIdle:
		return "idle must be 1 to 2^32-1 seconds"
	case e.Issued < e.Created:
		return "issued must not be before created"
	case e.Until <= e.Issued:
		return "the session is at its absolute end; begin a new one"
	case len(e.Flash) > maxFlashes:
		return fmt.Sprintf("flash must have at most %d entries", maxFlashes)
	}
	return ""
}

func isTime(n int64) bool { return n >= 0 && n <= maxTime }

func min(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}

func max(a, b int64) int64 {
	if a > b {
		return a
	}
	return b
}
