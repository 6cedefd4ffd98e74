package cookiejar

import (
	"errors"
	"fmt"
)

// Reason is the word for why a value was refused (SPEC 10.1). It is an error: errors.Is(err, cookiejar.Expired).
// Visitors must not be told it (SPEC 10.2).
type Reason string

// The reasons of SPEC 10.1, in its order. There is no unfit-data: Go holds every value exactly.
const (
	UnknownVersion Reason = "unknown-version"
	Malformed      Reason = "malformed"
	TooLong        Reason = "too-long"
	UnknownKey     Reason = "unknown-key"
	NotAuthentic   Reason = "not-authentic"
	BadPadding     Reason = "bad-padding"
	BadEncoding    Reason = "bad-encoding"
	BadEnvelope    Reason = "bad-envelope"
	NotYetValid    Reason = "not-yet-valid"
	Expired        Reason = "expired"
	Revoked        Reason = "revoked"
)

func (r Reason) Error() string { return "cookiejar: value refused: " + string(r) }

// Preserves tells whether a cookie refused for this reason is to be left in the browser, because another reader may be
// able to read it (SPEC 10.4). A value that does not begin like a token is left there too, whatever its reason (SPEC 10.5).
func (r Reason) Preserves() bool {
	switch r {
	case UnknownVersion, UnknownKey, BadPadding, BadEncoding, BadEnvelope, NotYetValid, Expired:
		return true
	}
	return false
}

// ErrTooLarge is the error of a session that does not fit in a token (SPEC 7.2 step 5, 13.8), as errors.Is finds it. The
// error itself names the size and the limit. The browser keeps the cookie that it has.
var ErrTooLarge = errors.New("cookiejar: session is too large for a cookie; " + tooLargeRemedy)

const tooLargeRemedy = "keep large things on the server and their ids in the session"

// tooLargeError is an ErrTooLarge with the length of the token and the limit, both in characters.
type tooLargeError struct{ characters, limit int }

func (e tooLargeError) Error() string {
	return fmt.Sprintf("cookiejar: session needs a token of %d characters, the limit is %d; %s",
		e.characters, e.limit, tooLargeRemedy)
}

func (e tooLargeError) Is(target error) bool { return target == ErrTooLarge }
