package cookiejar

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"

	"golang.org/x/crypto/blake2b"

	"github.com/cookiejar-session/cookiejar-session/conformance/ports/go/internal/seam"
)

const labelPrefix = "cookiejar-session/v1/"

// SID is the 16 random octets that name a session (SPEC 5.1). It must not be logged; its LogID may be (SPEC 14.5).
type SID [16]byte

// LogID is what logs may show in place of a sid: 16 hex digits (SPEC 3.3, 14.5).
func (s SID) LogID() string {
	hash := derive(s[:], "log-id")
	return hex.EncodeToString(hash[:8])
}

// Format shows the log id, whatever the verb.
func (s SID) Format(state fmt.State, _ rune) { fmt.Fprintf(state, "<sid with log id %s>", s.LogID()) }

// MarshalText gives what Format shows, so that JSON holds no sid either.
func (s SID) MarshalText() ([]byte, error) { return []byte(fmt.Sprint(s)), nil }

// joinPieces is PAE: no two lists of pieces give the same octets (SPEC 3.1).
func joinPieces(pieces ...string) []byte {
	joined := binary.LittleEndian.AppendUint64(nil, uint64(len(pieces)))
	for _, piece := range pieces {
		joined = binary.LittleEndian.AppendUint64(joined, uint64(len(piece)))
		joined = append(joined, piece...)
	}
	return joined
}

// derive is H of SPEC 3.2 over a label of version 1 and the pieces. The key has at most 64 octets.
func derive(key []byte, label string, pieces ...string) (result [32]byte) {
	hash, err := blake2b.New256(key)
	if err != nil {
		panic(err) // only a key of more than 64 octets, and there is none
	}
	hash.Write(joinPieces(append([]string{labelPrefix + label}, pieces...)...))
	hash.Sum(result[:0])
	return result
}

// draw fills octets from the operating system's secure random source, without which nothing here is safe.
func draw(octets []byte) {
	if _, err := io.ReadFull(seam.Random, octets); err != nil {
		panic("cookiejar: no random octets: " + err.Error())
	}
}
