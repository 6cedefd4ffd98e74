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
type writer struct{ octets []byte }

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

// decodeValue reads the one value that octets are, or refuses them as BadEncoding (SPEC 6.3).
func decodeValue(octets []byte) (any, error) {
	r := &reader{octets}
	value, err := r.readValue(0)
	if err == nil && len(r.rest) > 0 {
		err = BadEncoding
	}
	return value, err
}

// reader reads values from octets that may be anything. All its errors are BadEncoding.
type reader struct{ rest []byte }

func (r *reader) readValue(level int) (any, error) {
	head, err := r.take(1)
	if err != nil {
		return nil, err
	}
	first := head[0]
	switch {
	case first <= 0x7f:
		return int64(first), nil
	case first <= 0x8f:
		return r.readMap(int(first&0x0f), level)
	case first <= 0x9f:
		return r.readArray(int(first&0x0f), level)
	case first <= 0xbf:
		return r.readText(int(first & 0x1f))
	case first >= 0xe0:
		return int64(int8(first)), nil
	}
	switch first {
	case 0xc0:
		return nil, nil
	case 0xc2, 0xc3:
		return first == 0xc3, nil
	case 0xc4, 0xc5:
		return r.readBin(first)
	case 0xcb:
		return r.readFloat()
	case 0xcc, 0xcd, 0xce, 0xcf:
		return r.readUnsigned(1 << (first - 0xcc))
	case 0xd0, 0xd1, 0xd2, 0xd3:
		return r.readNegative(1 << (first - 0xd0))
	case 0xd9, 0xda:
		length, err := r.readLength(strForms, first)
		if err != nil {
			return nil, err
		}
		return r.readText(length)
	case 0xdc:
		length, err := r.readLength(arrayForms, first)
		if err != nil {
			return nil, err
		}
		return r.readArray(length, level)
	case 0xde:
		length, err := r.readLength(mapForms, first)
		if err != nil {
			return nil, err
		}
		return r.readMap(length, level)
	}
	return nil, BadEncoding // SPEC 6.3 item 2
}

// readUnsigned reads the forms cc to cf, in which a number must not fit in half the octets, or in 7 bits.
func (r *reader) readUnsigned(width int) (int64, error) {
	n, err := r.readBigEndian(width)
	least := uint64(1) << 7
	if width > 1 {
		least = 1 << (4 * width)
	}
	if err != nil || n < least || n > math.MaxInt64 {
		return 0, BadEncoding
	}
	return int64(n), nil
}

// readNegative reads the forms d0 to d3, in which a number must be less than the next shorter form can say.
func (r *reader) readNegative(width int) (int64, error) {
	n, err := r.readBigEndian(width)
	shift := 64 - 8*width
	signed := int64(n<<shift) >> shift
	bound := int64(-32)
	if width > 1 {
		bound = -1 << (4*width - 1)
	}
	if err != nil || signed >= bound {
		return 0, BadEncoding
	}
	return signed, nil
}

func (r *reader) readFloat() (float64, error) {
	bits, err := r.readBigEndian(8)
	value := math.Float64frombits(bits)
	if err != nil || math.IsInf(value, 0) || math.IsNaN(value) {
		return 0, BadEncoding
	}
	return value, nil
}

func (r *reader) readBin(first byte) ([]byte, error) {
	length, err := r.readLength(binForms, first)
	if err != nil {
		return nil, err
	}
	octets, err := r.take(length)
	return append([]byte{}, octets...), err
}

func (r *reader) readText(length int) (string, error) {
	octets, err := r.take(length)
	if err != nil || !utf8.Valid(octets) {
		return "", BadEncoding
	}
	return string(octets), nil
}

func (r *reader) readArray(length, level int) ([]any, error) {
	// Each element has an octet at least: a length that cannot be kept reserves nothing (SPEC 6.7).
	if level > maxLevel || length > len(r.rest) {
		return nil, BadEncoding
	}
	array := make([]any, length)
	for i := range array {
		value, err := r.readValue(level + 1)
		if err != nil {
			return nil, err
		}
		array[i] = value
	}
	return array, nil
}

func (r *reader) readMap(length, level int) (map[string]any, error) {
	if level > maxLevel || 2*length > len(r.rest) {
		return nil, BadEncoding
	}
	pairs := make(map[string]any, length)
	before := ""
	for i := 0; i < length; i++ {
		value, err := r.readValue(level + 1)
		if err != nil {
			return nil, err
		}
		key, isText := value.(string)
		if !isText || key == forbiddenKey || i > 0 && key <= before { // SPEC 6.3 items 7 to 9
			return nil, BadEncoding
		}
		if pairs[key], err = r.readValue(level + 1); err != nil {
			return nil, err
		}
		before = key
	}
	return pairs, nil
}

// readLength reads the length after a first octet of these forms; it must not fit in a shorter one.
func (r *reader) readLength(f forms, first byte) (int, error) {
	width, least := 1, f.fixMax+1
	if first == f.two {
		width = 2
		if f.one != 0 {
			least = 1 << 8
		}
	}
	length, err := r.readBigEndian(width)
	if err != nil || int(length) < least {
		return 0, BadEncoding
	}
	return int(length), nil
}

func (r *reader) readBigEndian(width int) (uint64, error) {
	octets, err := r.take(width)
	var n uint64
	for _, octet := range octets {
		n = n<<8 | uint64(octet)
	}
	return n, err
}

func (r *reader) take(count int) ([]byte, error) {
	if count > len(r.rest) {
		return nil, BadEncoding
	}
	octets := r.rest[:count]
	r.rest = r.rest[count:]
	return octets, nil
}
