package cookiejar

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/cookiejar-session/cookiejar-session/conformance/ports/go/internal/seam"
)

const (
	maxEntries = 16
	noEnd      = math.MaxInt64
)

// publishedKeyIDs are those of conformance/keys.json, in its order: anybody could seal with these keys (SPEC 4.6.1).
var publishedKeyIDs = map[string]bool{
	"6fc7081d3e766c36": true,
	"4ea2f157ffded898": true,
	"9f84869a5c62fad0": true,
	"5e4aff24802746a4": true,
	"bbc377b029830245": true,
	"8feb8197166a5f73": true,
	"0eaf516890375a99": true,
	"0fad321d6ef252fb": true,
	"8212a3f2810ed1ba": true,
	"ff89f44177d7ff86": true,
	"b51204cef3337a95": true,
	"ff3dd18aa727d528": true,
	"6e07478e478f1ed0": true,
	"fcbb6e88b39c2f85": true,
	"753aa8cd25feb2ed": true,
	"27abe40f284a3fad": true,
	"badec5cb93218f66": true,
	"2cdd01d42e6dbf7f": true,
	"0e4e40b44d19b3c7": true,
	"b9ff223a64e38a33": true,
}

var bound = regexp.MustCompile(`^(from|until)=([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)$`)

// Keyring is 1 to 16 keys in order, each with the times at which it seals and opens (SPEC 4). It is safe for concurrent
// use. Printed it shows key ids alone.
type Keyring struct {
	entries atomic.Pointer[[]entry]
	file    *keyFile // nil for a keyring that is not from a file, which never changes
}

func (k *Keyring) load() []entry { return *k.entries.Load() }

type entry struct {
	key         Key
	from, until int64
}

// SPEC 4.4.1.
func (e entry) maySeal(moment int64) bool { return moment >= e.from && moment < e.until }

// SPEC 4.4.2.
func (e entry) mayOpen(moment int64) bool { return moment < e.until }

// ParseKeyringFile reads the ring text of a file, in which lines that begin with "#" are comments (SPEC 4.2 item 2).
func ParseKeyringFile(contents string, now int64) (*Keyring, error) {
	var text strings.Builder
	for _, line := range strings.SplitAfter(contents, "\n") {
		if !strings.HasPrefix(line, "#") {
			text.WriteString(line)
		}
	}
	return ParseKeyring(text.String(), now)
}

// ParseKeyring reads a ring text as SPEC 4.2 has it. Errors name the entry by its number and show nothing of its text.
func ParseKeyring(text string, now int64) (*Keyring, error) {
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\r\n,", r) })
	if len(words) == 0 || len(words) > maxEntries {
		return nil, fmt.Errorf("cookiejar: keyring has %d entries, wanted 1 to %d", len(words), maxEntries)
	}
	var entries []entry
	for i, word := range words {
		e, err := parseEntry(word)
		if err == nil {
			err = checkNext(entries, e)
		}
		if err != nil {
			return nil, fmt.Errorf("cookiejar: keyring entry %d: %w", i+1, err)
		}
		entries = append(entries, e)
	}
	if err := checkGaps(entries, now); err != nil {
		return nil, err
	}
	k := &Keyring{}
	k.entries.Store(&entries)
	return k, nil
}

func parseEntry(word string) (entry, error) {
	parts := strings.Split(word, "@")
	e := entry{until: noEnd}
	given := make(map[string]bool)
	for _, part := range parts[1:] {
		match := bound.FindStringSubmatch(part)
		if match == nil {
			return e, errors.New("a bound must be @from= or @until= and a time such as 2027-01-31T00:00:00Z")
		}
		name := match[1]
		moment, err := time.Parse(time.RFC3339, match[2])
		if err != nil || moment.Year() < 1970 { // SPEC 4.2 item 5
			return e, fmt.Errorf("@%s is not a real date and time from 1970 on", name)
		}
		if given[name] { // SPEC 4.2 item 4
			return e, fmt.Errorf("@%s stands twice", name)
		}
		given[name] = true
		if name == "from" {
			e.from = moment.Unix()
		} else {
			e.until = moment.Unix()
		}
	}
	if e.from >= e.until && given["from"] { // SPEC 4.2 item 6
		return e, errors.New("@from must be before @until")
	}
	var err error
	e.key, err = ParseKey(parts[0])
	return e, err
}

// checkNext makes the tests of SPEC 4.2 items 10 to 12 on the entry that is to follow the others.
func checkNext(entries []entry, e entry) error {
	for i, earlier := range entries {
		// Two entries with one key also have one key id; that of two keys is as good as impossible.
		if earlier.key.id == e.key.id {
			return fmt.Errorf("the same key, or another key with the same key id, as entry %d", i+1)
		}
	}
	if publishedKeyIDs[e.key.id.String()] && !seam.TakesPublishedKeys {
		return errors.New("this key is published, so anybody could seal with it")
	}
	return nil
}

// checkGaps is SPEC 4.2 item 13: sealing can only become impossible when some entry ends.
func checkGaps(entries []entry, now int64) error {
	moments := []int64{now}
	for _, e := range entries {
		if e.until > now && e.until != noEnd {
			moments = append(moments, e.until)
		}
	}
	for _, moment := range moments {
		if _, ok := findPrimary(entries, moment); !ok {
			return fmt.Errorf("cookiejar: no key of the keyring could seal at %s; add one without @from and @until",
				time.Unix(moment, 0).UTC().Format(time.RFC3339))
		}
	}
	return nil
}

// Primary is the key that seals at a moment: the first that may (SPEC 4.4.3). There may come to be none only before
// the now for which the keyring was parsed.
func (k *Keyring) Primary(moment int64) (Key, bool) {
	k.follow(moment, readEvery)
	entries := k.load()
	position, ok := findPrimary(entries, moment)
	if !ok {
		return Key{}, false
	}
	return entries[position].key, true
}

func (k *Keyring) primaryPosition(moment int64) (int, bool) { return findPrimary(k.load(), moment) }

func findPrimary(entries []entry, moment int64) (int, bool) {
	for position, e := range entries {
		if e.maySeal(moment) {
			return position, true
		}
	}
	return 0, false
}

// OpeningKeyIDs are the ids of the keys that open at a moment, in the order of the keyring (SPEC 4.4.2).
func (k *Keyring) OpeningKeyIDs(moment int64) []KeyID {
	var ids []KeyID
	for _, e := range k.load() {
		if e.mayOpen(moment) {
			ids = append(ids, e.key.id)
		}
	}
	return ids
}

// find gives the one key with this key id, if it may open now, and its position (SPEC 4.4.4). A key file may have it by
// now.
func (k *Keyring) find(id KeyID, now int64) (Key, int, bool) {
	k.follow(now, readEvery)
	key, position, ok := findEntry(k.load(), id, now)
	if !ok && k.follow(now, readEveryOnUnknownKey) {
		key, position, ok = findEntry(k.load(), id, now)
	}
	return key, position, ok
}

func findEntry(entries []entry, id KeyID, now int64) (Key, int, bool) {
	for position, e := range entries {
		if e.key.id == id {
			return e.key, position, e.mayOpen(now)
		}
	}
	return Key{}, 0, false
}

// Format shows the key ids, whatever the verb.
func (k *Keyring) Format(state fmt.State, _ rune) {
	fmt.Fprint(state, "<keyring")
	for _, e := range k.load() {
		fmt.Fprint(state, " ", e.key.id)
	}
	fmt.Fprint(state, ">")
}
