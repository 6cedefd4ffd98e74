package main

import (
	"encoding/binary"
	"encoding/hex"
	"errors"

	"golang.org/x/crypto/blake2b"

	cookiejar "github.com/cookiejar-session/cookiejar-session/conformance/ports/go"
)

// accumulated seals and opens a chain of envelopes, each made of the hash of the one before.
func accumulated(input struct {
	Keyring string `json:"keyring"`
	Purpose string `json:"purpose"`
	Seed    octets `json:"seed"`
	Steps   int64  `json:"steps"`
}) (any, error) {
	// The least now of the chain; the primary is taken at each step.
	keyring, err := cookiejar.ParseKeyring(input.Keyring, 1700000000)
	if err != nil {
		return nil, err
	}
	if len(input.Seed) != 32 {
		return nil, errors.New("seed must have 32 octets")
	}
	hash := *(*[32]byte)(input.Seed)
	for i := int64(0); i < input.Steps; i++ {
		if hash, err = takeStep(keyring, input.Purpose, hash, i); err != nil {
			return nil, err
		}
	}
	return object{"hash": octets(hash[:])}, nil
}

func takeStep(keyring *cookiejar.Keyring, purpose string, hash [32]byte, i int64) ([32]byte, error) {
	r := blake2b.Sum256(binary.LittleEndian.AppendUint64(hash[:], uint64(i)))
	s := blake2b.Sum256(r[:])
	made, now := makeEnvelope(r, s, i)

	var token string
	var err error
	withRandom(s[:24], func() { token, err = keyring.Seal(made, purpose, now) })
	if err != nil {
		return hash, err
	}
	outcome := "accepted"
	if _, err := keyring.Open(tamper(token, int(r[31])*256+int(s[31])), purpose, cookiejar.Policy{}, now); err != nil {
		outcome = string(err.(cookiejar.Reason))
	}
	opened, err := keyring.Open(token, purpose, cookiejar.Policy{}, now)
	if err != nil {
		return hash, err
	}
	plaintext, err := opened.Encode()
	return blake2b.Sum256(append([]byte(token+outcome), plaintext...)), err
}

func makeEnvelope(r, s [32]byte, i int64) (made cookiejar.Envelope, now int64) {
	now = 1700000000 + int64(binary.LittleEndian.Uint32(r[16:20]))%(1<<26)
	began := now - int64(r[20])
	idle := int64(binary.LittleEndian.Uint32(r[21:25]))
	if idle == 0 {
		idle = 1
	}
	list := make([]any, s[15]%20)
	for k := range list {
		list[k] = []any{nil, true, false}[s[k]%3]
	}
	made = cookiejar.Envelope{
		SID:        *(*cookiejar.SID)(r[0:16]),
		Created:    began,
		Issued:     began,
		Idle:       idle,
		Until:      now + 1 + int64(binary.LittleEndian.Uint32(r[25:29])),
		Persistent: r[29]%2 == 1,
		Data: map[string]any{
			"n": int64(binary.LittleEndian.Uint64(s[0:8])) >> (s[8] % 64),
			"f": float64(binary.LittleEndian.Uint32(s[9:13])) / 256,
			"b": s[0 : s[13]%33],
			"é": hex.EncodeToString(s[0 : s[14]%17]),
			"l": list,
		},
	}
	for count := r[30] % 3; count > 0; count-- {
		made.Flash = append(made.Flash, cookiejar.Flash{Category: "k", Value: i})
	}
	return made, now
}

// tamper replaces one character by another one.
func tamper(token string, position int) string {
	octets := []byte(token)
	position %= len(octets)
	if octets[position] == 'A' {
		octets[position] = 'B'
	} else {
		octets[position] = 'A'
	}
	return string(octets)
}
