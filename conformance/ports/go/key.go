package cookiejar

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/blake2b"
)

const (
	keyOctets           = 32
	secretKeyBaseOctets = 64
	checksumOctets      = 4
	// SPEC 4.2 item 9: random octets practically never repeat so much; typed-in and zeroed keys do.
	minDistinctOctets = 16
)

// KeyID names a key; it is public (SPEC 3.3).
type KeyID [8]byte

// String shows the key id as SPEC 3.6 wants it: 16 lower-case hex digits.
func (id KeyID) String() string { return hex.EncodeToString(id[:]) }

// Key is 32 octets of key material. Printed in any way it shows its key id alone (SPEC 14.5).
type Key struct {
	material [keyOctets]byte
	id       KeyID
}

// GenerateKey makes a key from the operating system's secure random source (SPEC 4.3.1).
func GenerateKey() Key {
	var material [keyOctets]byte
	draw(material[:])
	return newKey(material)
}

// ParseKey reads a key in one of the four forms of SPEC 4.1. The error holds nothing of the text.
func ParseKey(text string) (Key, error) {
	form, digits := splitForm(text)
	var material []byte
	var err error
	switch form {
	case "cjk1_":
		material, err = decodeKeyText(digits)
	case "hex:":
		material, err = decodeHex(digits, keyOctets)
	case "b64:":
		material, err = decodeBase64(digits)
	case "skb:":
		material, err = decodeHex(digits, secretKeyBaseOctets)
	default:
		err = errors.New(`key must begin with "cjk1_", "hex:", "b64:" or "skb:"`)
	}
	if err != nil {
		return Key{}, err
	}
	if countDistinct(material) < minDistinctOctets { // SPEC 4.2 item 9, of a SECRET_KEY_BASE before derivation
		return Key{}, fmt.Errorf("key has fewer than %d distinct octets, so it is not random", minDistinctOctets)
	}
	if form == "skb:" {
		return newKey(derive(material, "skb")), nil // SPEC 4.3.3
	}
	return newKey(*(*[keyOctets]byte)(material)), nil
}

func newKey(material [keyOctets]byte) Key {
	hash := derive(material[:], "key-id")
	return Key{material, *(*KeyID)(hash[:8])}
}

// ID is the key id.
func (k Key) ID() KeyID { return k.id }

// Text is the key text (SPEC 4.3). It is the secret itself.
func (k Key) Text() string {
	sum := checksum(k.material[:])
	return "cjk1_" + base64.RawURLEncoding.EncodeToString(append(k.material[:], sum[:]...))
}

// BoxKey is the secretbox key for a purpose (SPEC 3.3). It is as secret as the key.
func (k Key) BoxKey(purpose string) [32]byte { return derive(k.material[:], "box", purpose) }

// Format shows the key id, whatever the verb.
func (k Key) Format(state fmt.State, _ rune) { fmt.Fprintf(state, "<key %s>", k.id) }

func checksum(material []byte) [checksumOctets]byte {
	hash := blake2b.Sum256(joinPieces(labelPrefix+"key-text", string(material)))
	return *(*[checksumOctets]byte)(hash[:])
}

func splitForm(text string) (form, digits string) {
	for _, form := range []string{"cjk1_", "hex:", "b64:", "skb:"} {
		if strings.HasPrefix(text, form) {
			return form, text[len(form):]
		}
	}
	return "", text
}

func decodeKeyText(digits string) ([]byte, error) {
	if len(digits) != 48 || !isBase64URL(digits) {
		return nil, errors.New("key text must have 48 base64url characters after cjk1_; copy it whole")
	}
	octets, err := base64.RawURLEncoding.DecodeString(digits)
	if err != nil {
		return nil, err
	}
	material := octets[:keyOctets]
	if checksum(material) != *(*[checksumOctets]byte)(octets[keyOctets:]) { // SPEC 4.3.2
		return nil, errors.New("the checksum does not match, so the key text was damaged; copy it again")
	}
	return material, nil
}

func decodeHex(digits string, octets int) ([]byte, error) {
	material, err := hex.DecodeString(digits)
	if err != nil || len(material) != octets {
		// Not the decoder's own error, which shows a digit of the key.
		return nil, fmt.Errorf("key must have %d hex digits", 2*octets)
	}
	return material, nil
}

func decodeBase64(digits string) ([]byte, error) {
	if len(digits) == 44 {
		digits = strings.TrimSuffix(digits, "=")
	}
	digits = strings.NewReplacer("+", "-", "/", "_").Replace(digits)
	if len(digits) != 43 || !isBase64URL(digits) {
		return nil, errors.New("key must have 43 base64 characters, and at most one = after them")
	}
	material, err := base64.RawURLEncoding.Strict().DecodeString(digits)
	if err != nil { // SPEC 4.2 item 8
		return nil, errors.New("the last base64 character of the key has spare bits set; copy it again")
	}
	return material, nil
}

// isBase64URL tells whether text is of the alphabet of SPEC 1.5. The decoder of encoding/base64 skips CR and LF.
func isBase64URL(text string) bool {
	for i := 0; i < len(text); i++ {
		c := text[i]
		if !('A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return true
}

func countDistinct(octets []byte) int {
	seen := make(map[byte]bool)
	for _, octet := range octets {
		seen[octet] = true
	}
	return len(seen)
}
