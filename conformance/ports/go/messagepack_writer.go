package cookiejar

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/big"
	"sort"
	"unicode/utf8"
)

const (
	maxLevel = 16
	// SPEC 6.3 item 9: JavaScript takes this key for an object's prototype.
	forbiddenKey = "__proto__"
)

// forms are the first octets of SPEC 6.1 for what has a length: up to fixMax it lies in the first octet, otherwise in
// one or two octets after it. Arrays and maps have no form with one.
type forms struct {
	fix      byte
	fixMax   int
	one, two byte
}

var (
	strForms   = forms{fix: 0xa0, fixMax: 31, one: 0xd9, two: 0xda}
	binForms   = forms{fixMax: -1, one: 0xc4, two: 0xc5}
	arrayForms = forms{fix: 0x90, fixMax: 15, two: 0xdc}
	mapForms   = forms{fix: 0x80, fixMax: 15, two: 0xde}
)

// writer makes the one encoding of values (SPEC 6).
type writer struct {
	octets []byte
	// takesAnyLength writes what SPEC 6.1 has no form for in MessagePack's own, which has the next first octet. No token
	// has room for it, and no reader accepts it.
	takesAnyLength bool
}

// writeValue appends a value that, if it is an array or map, stands at this level (SPEC 6.3 item 10).
func (w *writer) writeValue(value any, level int) error {
	switch v := value.(type) {
	case nil:
		w.octets = append(w.octets, 0xc0)
	case bool:
		w.writeBool(v)
	case string:
		return w.writeText(v)
	case []byte:
		return w.writeOctets(binForms, string(v))
	case float64:
		return w.writeFloat(v)
	case float32:
		return w.writeFloat(float64(v))
	case []any:
		return w.writeArray(v, level)
	case map[string]any:
		return w.writeMap(v, level)
	case map[any]any:
		texts, err := withTextKeys(v)
		if err != nil {
			return err
		}
		return w.writeMap(texts, level)
	default:
		number, err := toInteger(value)
		if err != nil {
			return err
		}
		w.writeInteger(number)
	}
	return nil
}

func (w *writer) writeBool(value bool) {
	if value {
		w.octets = append(w.octets, 0xc3)
	} else {
		w.octets = append(w.octets, 0xc2)
	}
}

func (w *writer) writeInteger(n int64) {
	switch {
	case n >= 0 && n < 1<<7, n < 0 && n >= -32:
		w.octets = append(w.octets, byte(n))
	case n >= 0 && n < 1<<8:
		w.octets = append(w.octets, 0xcc, byte(n))
	case n >= 0 && n < 1<<16:
		w.octets = binary.BigEndian.AppendUint16(append(w.octets, 0xcd), uint16(n))
	case n >= 0 && n < 1<<32:
		w.octets = binary.BigEndian.AppendUint32(append(w.octets, 0xce), uint32(n))
	case n >= 0:
		w.octets = binary.BigEndian.AppendUint64(append(w.octets, 0xcf), uint64(n))
	case n >= math.MinInt8:
		w.octets = append(w.octets, 0xd0, byte(n))
	case n >= math.MinInt16:
		w.octets = binary.BigEndian.AppendUint16(append(w.octets, 0xd1), uint16(n))
	case n >= math.MinInt32:
		w.octets = binary.BigEndian.AppendUint32(append(w.octets, 0xd2), uint32(n))
	default:
		w.octets = binary.BigEndian.AppendUint64(append(w.octets, 0xd3), uint64(n))
	}
}

func (w *writer) writeFloat(value float64) error {
	if math.IsInf(value, 0) || math.IsNaN(value) {
		return errors.New("cookiejar: a float that is not finite cannot be sealed")
	}
	w.octets = binary.BigEndian.AppendUint64(append(w.octets, 0xcb), math.Float64bits(value))
	return nil
}

func (w *writer) writeText(text string) error {
	if !utf8.ValidString(text) {
		return errors.New("cookiejar: text that is not UTF-8 cannot be sealed; store octets as []byte")
	}
	return w.writeOctets(strForms, text)
}

func (w *writer) writeOctets(f forms, octets string) error {
	if err := w.writeLength(f, len(octets)); err != nil {
		return err
	}
	w.octets = append(w.octets, octets...)
	return nil
}

func (w *writer) writeArray(array []any, level int) error {
	if err := w.openContainer(arrayForms, len(array), level); err != nil {
		return err
	}
	for _, value := range array {
		if err := w.writeValue(value, level+1); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) writeMap(pairs map[string]any, level int) error {
	if err := w.openContainer(mapForms, len(pairs), level); err != nil {
		return err
	}
	keys := make([]string, 0, len(pairs))
	for key := range pairs {
		keys = append(keys, key)
	}
	sort.Strings(keys) // by octets, as SPEC 6.4 wants it
	for _, key := range keys {
		if key == forbiddenKey {
			return fmt.Errorf("cookiejar: the map key %s cannot be sealed", forbiddenKey)
		}
		if err := w.writeText(key); err != nil {
			return err
		}
		if err := w.writeValue(pairs[key], level+1); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) openContainer(f forms, length, level int) error {
	if level > maxLevel { // SPEC 6.5 item 3
		return fmt.Errorf("cookiejar: an array or map deeper than level %d cannot be sealed", maxLevel)
	}
	return w.writeLength(f, length)
}

func (w *writer) writeLength(f forms, length int) error {
	switch {
	case length <= f.fixMax:
		w.octets = append(w.octets, f.fix|byte(length))
	case length < 1<<8 && f.one != 0:
		w.octets = append(w.octets, f.one, byte(length))
	case length < 1<<16:
		w.octets = binary.BigEndian.AppendUint16(append(w.octets, f.two), uint16(length))
	case w.takesAnyLength:
		w.octets = binary.BigEndian.AppendUint32(append(w.octets, f.two+1), uint32(length))
	default:
		return ErrTooLarge // no form in SPEC 6.1, and far beyond every token
	}
	return nil
}

// toInteger takes every kind of integer of Go, and refuses all other types.
func toInteger(value any) (int64, error) {
	switch n := value.(type) {
	case int:
		return int64(n), nil
	case int8:
		return int64(n), nil
	case int16:
		return int64(n), nil
	case int32:
		return int64(n), nil
	case int64:
		return n, nil
	case uint8:
		return int64(n), nil
	case uint16:
		return int64(n), nil
	case uint32:
		return int64(n), nil
	case uint:
		return toInteger(uint64(n))
	case uint64:
		if n <= math.MaxInt64 {
			return int64(n), nil
		}
	case *big.Int:
		if n.IsInt64() {
			return n.Int64(), nil
		}
	default:
		return 0, fmt.Errorf("cookiejar: a %T cannot be sealed; make it one of the types of Envelope.Data", value)
	}
	return 0, errors.New("cookiejar: an integer outside -2^63 to 2^63-1 cannot be sealed")
}

func withTextKeys(pairs map[any]any) (map[string]any, error) {
	texts := make(map[string]any, len(pairs))
	for key, value := range pairs {
		text, ok := key.(string)
		if !ok {
			return nil, fmt.Errorf("cookiejar: a map key of type %T cannot be sealed; keys are text", key)
		}
		texts[text] = value
	}
	return texts, nil
}
