package cookiejar

import (
	"bytes"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"
)

func TestIntegersTakeTheirShortestForm(t *testing.T) {
	for n, want := range map[any]string{
		127:                    "7f",
		int8(-32):              "e0",
		uint8(128):             "cc80",
		-33:                    "d0df",
		int16(-128):            "d080",
		-129:                   "d1ff7f",
		uint16(256):            "cd0100",
		-32769:                 "d2ffff7fff",
		int32(65536):           "ce00010000",
		uint32(math.MaxUint32): "ceffffffff",
		uint(1 << 32):          "cf0000000100000000",
		int64(math.MinInt64):   "d38000000000000000",
		uint64(math.MaxInt64):  "cf7fffffffffffffff",
		big.NewInt(-1):         "ff",
	} {
		w := &writer{}
		if err := w.writeValue(n, 1); err != nil || !bytes.Equal(w.octets, unhex(t, want)) {
			t.Errorf("%v: %x, %v, wanted %s", n, w.octets, err, want)
		}
	}
}

func TestValuesWithoutAFormAreRefused(t *testing.T) {
	for name, value := range map[string]any{
		"uint64":      uint64(math.MaxInt64) + 1,
		"big":         new(big.Int).Lsh(big.NewInt(-1), 64),
		"infinity":    math.Inf(-1),
		"NaN":         math.NaN(),
		"float32 NaN": float32(math.NaN()),
		"date":        time.Unix(0, 0),
		"surrogate":   "\xed\xa0\x80",
		"text key":    map[string]any{"\xff": nil},
		"other key":   map[any]any{1: nil},
		"__proto__":   map[string]any{forbiddenKey: nil},
		"struct":      struct{}{},
		"long":        strings.Repeat("x", 1<<16),
	} {
		if err := (&writer{}).writeValue(value, 2); err == nil {
			t.Errorf("%s was written", name)
		}
	}
}

func TestDeepestLevelIsSixteen(t *testing.T) {
	for level, isRefused := range map[int]bool{16: false, 17: true, 2000: true} {
		octets := append(bytes.Repeat([]byte{0x91}, level), 0x90)
		if _, err := decodeValue(octets); (err != nil) != isRefused {
			t.Errorf("read to level %d: %v", level, err)
		}
		var value any = []any{}
		for i := 0; i < level; i++ {
			value = []any{value}
		}
		if err := (&writer{}).writeValue(value, 0); (err != nil) != isRefused {
			t.Errorf("written to level %d: %v", level, err)
		}
	}
}

func FuzzWhatIsReadIsWrittenAsItWas(f *testing.F) {
	for _, seed := range []string{
		"\x98\xc4\x10",
		"\x81\xa1b\x93\xc0\xcb\x80\x00\x00\x00\x00\x00\x00\x00\xd1\xff\x7f",
		"\xde\xff\xff",
		"\xdc\xff\xff",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, octets []byte) {
		value, err := decodeValue(octets)
		if err != nil {
			if err != BadEncoding {
				t.Fatal(err)
			}
			return
		}
		w := &writer{}
		if err := w.writeValue(value, 0); err != nil || !bytes.Equal(w.octets, octets) {
			t.Fatalf("read %x, written %x, %v", octets, w.octets, err)
		}
	})
}
