package main

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"net/http"
	"reflect"
	"sort"
	"strconv"
	"time"

	cookiejar "github.com/cookiejar-session/cookiejar-session/conformance/ports/go"
)

// octets are lower-case hex in JSON.
type octets []byte

func (o *octets) UnmarshalText(text []byte) error {
	*o = make(octets, hex.DecodedLen(len(text)))
	_, err := hex.Decode(*o, text)
	return err
}

func (o octets) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(o)), nil }

// value is a VALUE of the suite.
type value struct{ held any }

func (v *value) UnmarshalJSON(text []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var tagged any
	err := decoder.Decode(&tagged)
	if err == nil {
		v.held, err = toValue(tagged)
	}
	return err
}

func (v value) MarshalJSON() ([]byte, error) { return json.Marshal(fromValue(v.held)) }

func toValue(tagged any) (any, error) {
	object, ok := tagged.(map[string]any)
	if !ok {
		if _, isNumber := tagged.(json.Number); isNumber {
			return nil, fmt.Errorf("a bare number is no value: %v", tagged)
		}
		return tagged, nil
	}
	if len(object) != 1 {
		return nil, fmt.Errorf("a value has one tag: %v", tagged)
	}
	for tag, content := range object {
		if items, isList := content.([]any); isList && tag == "array" {
			return toArray(items)
		} else if isList && tag == "map" {
			return toMap(items)
		}
		if text, isText := content.(string); isText {
			return toScalar(tag, text)
		}
	}
	return nil, fmt.Errorf("not a value: %v", tagged)
}

func toScalar(tag, text string) (any, error) {
	switch tag {
	case "int":
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n, nil
		}
		if n, ok := new(big.Int).SetString(text, 10); ok {
			return n, nil
		}
	case "float", "bin", "utf8":
		decoded, err := hex.DecodeString(text)
		switch {
		case err != nil:
			return nil, err
		case tag == "bin":
			return decoded, nil
		case tag == "utf8":
			return string(decoded), nil
		case len(decoded) == 8:
			return math.Float64frombits(binary.BigEndian.Uint64(decoded)), nil
		}
	case "date":
		return time.Parse(time.RFC3339, text)
	}
	return nil, fmt.Errorf("not a value: %s %q", tag, text)
}

func toArray(items []any) (any, error) {
	array := make([]any, 0, len(items))
	for _, item := range items {
		held, err := toValue(item)
		if err != nil {
			return nil, err
		}
		array = append(array, held)
	}
	return array, nil
}

func toMap(items []any) (any, error) {
	texts, others := make(map[string]any), make(map[any]any)
	for _, item := range items {
		pair, ok := item.([]any)
		if !ok || len(pair) != 2 {
			return nil, fmt.Errorf("not a pair: %v", item)
		}
		key, err := toValue(pair[0])
		if err != nil {
			return nil, err
		}
		held, err := toValue(pair[1])
		if err != nil {
			return nil, err
		}
		if text, isText := key.(string); isText {
			texts[text] = held
		}
		if key != nil && !reflect.TypeOf(key).Comparable() {
			key = &key // a slice or a map is no key in Go, what points to it is
		}
		others[key] = held
	}
	if len(others) != len(items) {
		return nil, fmt.Errorf("a map of Go cannot hold a key twice")
	}
	if len(texts) < len(others) {
		return others, nil
	}
	return texts, nil
}

func fromValue(held any) any {
	switch v := held.(type) {
	case int64:
		return object{"int": strconv.FormatInt(v, 10)}
	case float64:
		return object{"float": fmt.Sprintf("%016x", math.Float64bits(v))}
	case []byte:
		return object{"bin": octets(v)}
	case []any:
		items := make([]any, len(v))
		for i, item := range v {
			items[i] = fromValue(item)
		}
		return object{"array": items}
	case map[string]any:
		keys := make([]string, 0, len(v))
		for key := range v {
			keys = append(keys, key)
		}
		sort.Strings(keys)
		pairs := make([][]any, len(keys))
		for i, key := range keys {
			pairs[i] = []any{key, fromValue(v[key])}
		}
		return object{"map": pairs}
	}
	return held // nil, a bool or text
}

// envelope is an ENVELOPE of the suite.
type envelope struct {
	SID        octets     `json:"sid"`
	Created    int64      `json:"created"`
	Issued     int64      `json:"issued"`
	Idle       int64      `json:"idle"`
	Until      int64      `json:"until"`
	Persistent bool       `json:"persistent"`
	Data       value      `json:"data"`
	Flash      [][2]value `json:"flash"`
}

// toEnvelope refuses what the types of the port cannot hold: a sid that has not 16 octets, data with keys that are no
// text.
func (e envelope) toEnvelope() (cookiejar.Envelope, error) {
	made := cookiejar.Envelope{
		Created: e.Created, Issued: e.Issued, Idle: e.Idle, Until: e.Until, Persistent: e.Persistent,
	}
	data, ok := e.Data.held.(map[string]any)
	if !ok || len(e.SID) != len(made.SID) {
		return made, refused
	}
	copy(made.SID[:], e.SID)
	made.Data = data
	for _, pair := range e.Flash {
		category, ok := pair[0].held.(string)
		if !ok {
			return made, refused
		}
		made.Flash = append(made.Flash, cookiejar.Flash{Category: category, Value: pair[1].held})
	}
	return made, nil
}

func fromEnvelope(e cookiejar.Envelope) envelope {
	shown := envelope{
		SID: e.SID[:], Created: e.Created, Issued: e.Issued, Idle: e.Idle, Until: e.Until, Persistent: e.Persistent,
		Data: value{e.Data}, Flash: [][2]value{},
	}
	for _, flash := range e.Flash {
		shown.Flash = append(shown.Flash, [2]value{{flash.Category}, {flash.Value}})
	}
	return shown
}

// attributes are ATTRIBUTES of the suite.
type attributes struct {
	Name        string  `json:"name"`
	Path        string  `json:"path"`
	Domain      *string `json:"domain"`
	Secure      bool    `json:"secure"`
	HTTPOnly    bool    `json:"httponly"`
	SameSite    *string `json:"samesite"`
	Partitioned bool    `json:"partitioned"`
}

var sameSites = map[string]http.SameSite{
	"Lax": http.SameSiteLaxMode, "Strict": http.SameSiteStrictMode, "None": http.SameSiteNoneMode,
}

// toAttributes refuses empty texts, by which the port means its defaults, and a SameSite for which it has no mode.
func (a attributes) toAttributes() (cookiejar.Attributes, error) {
	made := cookiejar.Attributes{
		Name: a.Name, Path: a.Path, Insecure: !a.Secure, ScriptReadable: !a.HTTPOnly, Partitioned: a.Partitioned,
		SameSite: http.SameSiteDefaultMode,
	}
	if a.Domain != nil {
		made.Domain = *a.Domain
	}
	if a.SameSite != nil {
		made.SameSite = sameSites[*a.SameSite]
	}
	if a.Name == "" || a.Path == "" || a.Domain != nil && *a.Domain == "" || made.SameSite == 0 {
		return made, refused
	}
	return made, nil
}

// policy is a POLICY of the suite; null leaves zero, which is none in the port too.
type policy struct {
	IdleTimeout      int64 `json:"idle_timeout"`
	AbsoluteLifetime int64 `json:"absolute_lifetime"`
	Persistent       bool  `json:"persistent"`
	RenewAfter       int64 `json:"renew_after"`
	LongestIdle      int64 `json:"longest_idle"`
	LongestLifetime  int64 `json:"longest_lifetime"`
	NotBefore        int64 `json:"not_before"`
}
