package cookiejar

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/cookiejar-session/cookiejar-session/conformance/ports/go/internal/seam"
)

// readExample gives the named values of an example of SPEC 18.
func readExample(t *testing.T, id string) map[string]string {
	t.Helper()
	file, err := os.Open("../../../SPEC.md")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	values := make(map[string]string)
	for lines, inside := bufio.NewScanner(file), false; lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		switch {
		case name == "example" && value == id:
			inside = true
		case name == "```":
			inside = false
		case inside:
			values[name] = value
		}
	}
	if len(values) == 0 {
		t.Fatalf("SPEC.md has no example %s", id)
	}
	return values
}

func unhex(t *testing.T, digits string) []byte {
	t.Helper()
	octets, err := hex.DecodeString(digits)
	if err != nil {
		t.Fatal(err)
	}
	return octets
}

// takePublishedKeys opens the seam that lets a test use the keys of SPEC 18.
func takePublishedKeys(t *testing.T) {
	seam.TakesPublishedKeys = true
	t.Cleanup(func() { seam.TakesPublishedKeys = false })
}

// fixRandom makes the next draw give these octets.
func fixRandom(t *testing.T, octets []byte) {
	seam.Random = bytes.NewReader(octets)
	t.Cleanup(func() { seam.Random = rand.Reader })
}

func parseExampleKeyring(t *testing.T, now int64) *Keyring {
	t.Helper()
	takePublishedKeys(t)
	keyring, err := ParseKeyring(readExample(t, "keys")["hex_key"], now)
	if err != nil {
		t.Fatal(err)
	}
	return keyring
}

func TestTokensOfTheSpecificationSealAndOpen(t *testing.T) {
	for _, id := range []string{"token-host-session", "token-prefs"} {
		t.Run(id, func(t *testing.T) {
			example := readExample(t, id)
			e, err := DecodeEnvelope(unhex(t, example["plaintext"]))
			if err != nil {
				t.Fatal(err)
			}
			keyring := parseExampleKeyring(t, e.Issued)
			fixRandom(t, unhex(t, example["nonce"]))
			token, err := keyring.Seal(e, example["purpose"], e.Issued)
			if err != nil || token != example["token"] {
				t.Fatalf("sealed to %s, %v", token, err)
			}
			for now, want := range map[int64]error{
				e.Issued - 61: NotYetValid, e.Issued - 60: nil, e.Expires() - 1: nil, e.Expires(): Expired,
			} {
				if _, err := keyring.Open(token, example["purpose"], Policy{}, now); err != want {
					t.Errorf("at %d: %v, wanted %v", now, err, want)
				}
			}
		})
	}
}

func TestEveryChangedCharacterIsRefused(t *testing.T) {
	example := readExample(t, "token-host-session")
	keyring := parseExampleKeyring(t, 1767225600)
	for i := range example["token"] {
		changed := []byte(example["token"])
		changed[i] ^= 0x01
		var reason Reason
		if _, err := keyring.Open(string(changed), "__Host-session", Policy{}, 1767225600); !errors.As(err, &reason) {
			t.Errorf("character %d changed: %v", i, err)
		}
	}
}

func TestSessionThatFitsInNoTokenIsRefused(t *testing.T) {
	keyring := parseExampleKeyring(t, 1767225600)
	e := DefaultPolicy().NewEnvelope(1767225600)
	for octets, want := range map[int]error{2880: nil, 2881: ErrTooLarge} {
		e.Data["k"] = strings.Repeat("x", octets)
		if _, err := keyring.Seal(e, "p", 1767225600); !errors.Is(err, want) {
			t.Errorf("%d octets: %v, wanted %v", octets, err, want)
		}
	}
}
