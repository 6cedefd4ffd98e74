package cookiejar

import (
	"net/http"
	"reflect"
	"testing"
)

// The answers of conformance/v1/life-cycle.json, life-cache-control-… and life-vary-….
func TestKeepPrivate(t *testing.T) {
	for _, row := range []struct{ before, after []string }{
		{nil, []string{"private"}},
		{[]string{" ,"}, []string{"private"}},
		{[]string{"no-store"}, []string{"no-store"}},
		{[]string{"Private, max-age=60"}, []string{"Private, max-age=60"}},
		{[]string{"max-age=60", "no-cache"}, []string{"private, max-age=60, no-cache"}},
		{[]string{"public, max-age=60, S-Maxage=5"}, []string{"private, max-age=60"}},
		{[]string{"no-store, public"}, []string{"private, no-store"}},
		{[]string{`no-cache="a, public"`}, []string{`private, no-cache="a, public"`}},
		{[]string{`x="a\", public`}, []string{`private, x="a\", public`}},
		{[]string{`private="x-a"`}, []string{`private, private="x-a"`}},
	} {
		header := http.Header{"Cache-Control": row.before}
		KeepPrivate(header)
		if !reflect.DeepEqual(header["Cache-Control"], row.after) {
			t.Errorf("%q became %q, wanted %q", row.before, header["Cache-Control"], row.after)
		}
	}
}

func TestKeepPrivateRemovesWhatOverrulesCacheControl(t *testing.T) {
	header := http.Header{
		"Cdn-Cache-Control": {"max-age=60"}, "surrogate-control": {"max-age=60"}, "X-Accel-Expires": {"0"},
		"Edge-Control": {"max-age=60, No-Store"}, "Cache-Tag": {"a"},
	}
	KeepPrivate(header)
	want := http.Header{
		"X-Accel-Expires": {"0"}, "Edge-Control": {"max-age=60, No-Store"}, "Cache-Tag": {"a"},
		"Cache-Control": {"private"}, "Vary": {"Cookie"},
	}
	if !reflect.DeepEqual(header, want) {
		t.Error(header)
	}
}

func TestVaryByCookie(t *testing.T) {
	for before, after := range map[string]string{
		"": "Cookie", "Accept ,Origin,": "Accept, Origin, Cookie", "accept, cookie": "accept, cookie", "*": "*",
	} {
		header := http.Header{"Vary": {before}}
		VaryByCookie(header)
		if header.Get("Vary") != after {
			t.Errorf("%q became %q", before, header.Get("Vary"))
		}
	}
}
