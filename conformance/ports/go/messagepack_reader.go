package cookiejar

import (
	"math"
	"unicode/utf8"
)

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
