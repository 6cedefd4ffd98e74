package cookiejar

import (
	"fmt"
	"strings"
	"testing"
)

func TestFormsOfOneKeyAreOneKey(t *testing.T) {
	example := readExample(t, "keys")
	for _, form := range []string{"key_text", "hex_key", "b64_key"} {
		key, err := ParseKey(example[form])
		if err != nil || key.ID().String() != example["key_id"] || key.Text() != example["key_text"] {
			t.Errorf("%s: %v, %v", form, key, err)
		}
	}
	key, err := ParseKey("skb:" + strings.ToUpper(example["secret_key_base"]))
	if err != nil || key.ID().String() != example["skb_key_id"] {
		t.Errorf("skb: %v, %v", key, err)
	}
}

func TestRingTexts(t *testing.T) {
	a, b := GenerateKey().Text(), GenerateKey().Text()
	for text, isTaken := range map[string]bool{
		a:                                      true,
		a + ",\t" + b:                          true,
		"":                                     false,
		a + " " + a:                            false,
		a + "x":                                false,
		a + "#":                                false,
		a + "\u00a0" + b:                       false,
		"# c\n" + a:                            false,
		"hex:" + strings.Repeat("00", 32):      false,
		a + "@from=2026-01-01T00:00:00Z":       false, // nobody seals until then
		a + "@from=2026-01-01T00:00:00Z " + b:  true,
		a + "@until=2026-01-01T00:00:00Z " + b: true,
		a + "@until=2026-01-01T00:00:00Z":      false, // nobody seals after that
		a + " " + b + "@from=2026-02-29T00:00:00Z":                            false,
		a + " " + b + "@from=2028-02-29T00:00:00Z":                            true,
		a + " " + b + "@from=1969-12-31T23:59:59Z":                            false,
		a + " " + b + "@from=2028-01-01T00:00:00.5Z":                          false,
		a + " " + b + "@from=2028-01-01T00:00:00Z@from=2028-01-01T00:00:00Z":  false,
		a + " " + b + "@until=2028-01-01T00:00:00Z@from=2028-01-01T00:00:00Z": false,
		a + " " + b + "@until=1970-01-01T00:00:00Z":                           true,
	} {
		keyring, err := ParseKeyring(text, 1700000000)
		if (err == nil) != isTaken {
			t.Errorf("%q: %v", text, err)
		}
		if err == nil && strings.Contains(fmt.Sprintf("%v %+v %#v %x", keyring, keyring, keyring, keyring), a[5:]) {
			t.Error("a keyring prints its keys")
		}
	}
	if _, err := ParseKeyringFile("# \u00e9 "+b+"\n#\n"+a+"\n# end", 1700000000); err != nil {
		t.Error(err)
	}
}

func TestPublishedKeysAreRefused(t *testing.T) {
	for id := range publishedKeyIDs {
		if len(id) != 16 {
			t.Errorf("%q is no key id", id)
		}
	}
	if _, err := ParseKeyring(readExample(t, "keys")["key_text"], 0); err == nil {
		t.Error("a published key was taken")
	}
}
