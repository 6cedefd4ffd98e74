package cookiejar

import (
	"crypto/subtle"
	"encoding/base64"
)

const (
	csrfOctets     = 32
	csrfCharacters = 86
)

// MakeCSRFToken makes a CSRF token of the session for a form; each call gives another one (SPEC 14.1). The form may be
// empty.
func (s SID) MakeCSRFToken(form string) string {
	var mask [csrfOctets]byte
	draw(mask[:])
	return base64.RawURLEncoding.EncodeToString(append(mask[:], s.maskCSRF(form, mask)...))
}

// CheckCSRFToken tells whether a token is one of this session for this form, in constant time (SPEC 14.3).
func (s SID) CheckCSRFToken(form, token string) bool {
	if len(token) != csrfCharacters || !isBase64URL(token) {
		return false
	}
	octets, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil { // spare bits that are not zero
		return false
	}
	mask := *(*[csrfOctets]byte)(octets)
	return subtle.ConstantTimeCompare(octets[csrfOctets:], s.maskCSRF(form, mask)) == 1
}

// maskCSRF is r xor csrf of SPEC 14.1.
func (s SID) maskCSRF(form string, mask [csrfOctets]byte) []byte {
	masked := derive(s[:], "csrf", form)
	for i := range masked {
		masked[i] ^= mask[i]
	}
	return masked[:]
}
