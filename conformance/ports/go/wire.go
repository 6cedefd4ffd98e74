package cookiejar

import (
	"bytes"
	"encoding/base64"
	"errors"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/nacl/secretbox"
)

const (
	prefix          = "cj1."
	blockOctets     = 24
	nonceOctets     = 24
	keyIDOctets     = 8
	frameCharacters = 68 // SPEC 2.2: a token has 68 + 32 * k characters
	blockCharacters = 32
	maxBlocks       = 122

	// MaxTokenCharacters is the length of the longest token (SPEC 2.2).
	MaxTokenCharacters = frameCharacters + blockCharacters*maxBlocks
)

var version = regexp.MustCompile(`^cj[0-9]{1,9}[a-z]?\.`)

// Seal makes a token of an envelope, issued now under the primary key (SPEC 7.2).
func (k *Keyring) Seal(e Envelope, purpose string, now int64) (string, error) {
	return k.sealWithin(e, purpose, MaxTokenCharacters, now)
}

// sealWithin is Seal with a limit of at most MaxTokenCharacters (SPEC 13.8).
func (k *Keyring) sealWithin(e Envelope, purpose string, limit int, now int64) (string, error) {
	if !utf8.ValidString(purpose) { // SPEC 3.5
		return "", errors.New("cookiejar: purpose must be UTF-8")
	}
	key, ok := k.Primary(now)
	if !ok {
		return "", errors.New("cookiejar: no key of the keyring may seal now")
	}
	if !isTime(now) || !isTime(e.Created) || !isTime(e.Issued) {
		return "", errors.New("cookiejar: now, created and issued must be times below 2^48")
	}
	plaintext, err := e.stamp(now).encodeAnyLength()
	if err != nil {
		return "", err
	}
	if characters := frameCharacters + blockCharacters*(len(plaintext)/blockOctets+1); characters > limit {
		return "", tooLargeError{characters, limit}
	}
	var nonce [nonceOctets]byte
	draw(nonce[:])
	boxKey := key.BoxKey(purpose)
	raw := append(key.id[:], nonce[:]...)
	raw = secretbox.Seal(raw, pad(plaintext), &nonce, &boxKey)
	return prefix + base64.RawURLEncoding.EncodeToString(raw), nil
}

// Open gives the envelope in a value, lowered by the ceilings of the policy, or a Reason (SPEC 8.2). The value may be
// any octets. Of the policy LongestIdle, LongestLifetime and NotBefore matter; the zero Policy sets none of them.
func (k *Keyring) Open(value, purpose string, policy Policy, now int64) (Envelope, error) {
	found, err := k.findBox(value, now)
	if err != nil {
		return Envelope{}, err
	}
	return found.open(purpose, policy, now)
}

// foundBox is a well-formed token under a known key, not yet opened.
type foundBox struct {
	key      Key
	position int // of the key in the keyring
	nonce    [nonceOctets]byte
	box      []byte
}

// isLikeToken tells whether a value begins like a token of any version; another belongs to other software (SPEC 10.5).
func isLikeToken(value string) bool { return version.MatchString(value) }

// findBox is SPEC 8.2 steps 1 to 7: all that needs no cryptography.
func (k *Keyring) findBox(value string, now int64) (foundBox, error) {
	var found foundBox
	if !strings.HasPrefix(value, prefix) {
		if isLikeToken(value) {
			return found, UnknownVersion
		}
		return found, Malformed
	}
	if len(value) > MaxTokenCharacters {
		return found, TooLong
	}
	blocks := (len(value) - frameCharacters) / blockCharacters
	if blocks < 2 || len(value) != frameCharacters+blockCharacters*blocks {
		return found, Malformed
	}
	if !isBase64URL(value[len(prefix):]) {
		return found, Malformed
	}
	raw, err := base64.RawURLEncoding.DecodeString(value[len(prefix):])
	if err != nil {
		return found, Malformed
	}
	var ok bool
	if found.key, found.position, ok = k.find(*(*KeyID)(raw[:keyIDOctets]), now); !ok {
		return found, UnknownKey
	}
	copy(found.nonce[:], raw[keyIDOctets:])
	found.box = raw[keyIDOctets+nonceOctets:]
	return found, nil
}

// open is SPEC 8.2 steps 8 to 16.
func (f foundBox) open(purpose string, policy Policy, now int64) (Envelope, error) {
	boxKey := f.key.BoxKey(purpose)
	padded, ok := secretbox.Open(nil, f.box, &f.nonce, &boxKey)
	if !ok {
		return Envelope{}, NotAuthentic
	}
	plaintext, err := unpad(padded)
	if err != nil {
		return Envelope{}, err
	}
	e, err := DecodeEnvelope(plaintext)
	if err != nil {
		return Envelope{}, err
	}
	e = policy.Lower(e)
	if err := policy.Judge(e, now); err != nil {
		return Envelope{}, err
	}
	return e, nil
}

// pad is SPEC 2.3.
func pad(plaintext []byte) []byte {
	padded := make([]byte, (len(plaintext)/blockOctets+1)*blockOctets)
	copy(padded, plaintext)
	padded[len(plaintext)] = 0x80
	return padded
}

// unpad is SPEC 2.4.
func unpad(padded []byte) ([]byte, error) {
	rest := bytes.TrimRight(padded, "\x00")
	if len(padded)-len(rest) >= blockOctets || !bytes.HasSuffix(rest, []byte{0x80}) {
		return nil, BadPadding
	}
	return rest[:len(rest)-1], nil
}
