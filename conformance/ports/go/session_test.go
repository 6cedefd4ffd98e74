package cookiejar

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// sealed gives the Cookie field of a session with this data, as the same browser sends it.
func sealed(t *testing.T, s *Sessions, data map[string]any) http.Header {
	t.Helper()
	envelope := s.settings.Policy.NewEnvelope(now)
	envelope.Data = data
	token, err := s.settings.Keyring.Seal(envelope, s.purposeOf(s.settings.Cookie), now)
	if err != nil {
		t.Fatal(err)
	}
	return http.Header{"Cookie": {s.settings.Cookie.Name + "=" + token}}
}

func save(t *testing.T, session *Session, at int64) http.Header {
	t.Helper()
	header := http.Header{}
	if err := session.Save(header, 200, at); err != nil {
		t.Fatal(err)
	}
	return header
}

func TestSaveDecidesAsTheSpecificationSays(t *testing.T) {
	s := makeSessions(t, nil)
	empty, full := map[string]any{}, map[string]any{"user": "ada"}
	nothing, token, deletion := "^$", `^__Host-session=cj1\.`, "^__Host-session=; "
	for name, row := range map[string]struct {
		data map[string]any
		at   int64
		do   func(*Session)
		want string
	}{
		"new, read":                {nil, now, func(*Session) {}, nothing},
		"new, written":             {nil, now, func(s *Session) { s.Data["a"] = 1 }, token},
		"new, regenerated":         {nil, now, func(s *Session) { s.Regenerate() }, nothing},
		"new, form":                {nil, now, func(s *Session) { s.MakeCSRFToken("") }, token},
		"new, form, regenerated":   {nil, now, func(s *Session) { s.MakeCSRFToken(""); s.Regenerate() }, nothing},
		"new, discarded":           {nil, now, func(s *Session) { s.Discard() }, deletion},
		"new, data taken away":     {nil, now, func(s *Session) { s.Data = nil }, nothing},
		"read":                     {full, now, func(*Session) {}, nothing},
		"read, renewal due":        {full, now + 1209600/10, func(*Session) {}, token},
		"nested change":            {map[string]any{"a": []any{1}}, now, func(s *Session) { s.Data["a"].([]any)[0] = 2 }, token},
		"written alike":            {full, now, func(s *Session) { s.Data["user"] = "ada" }, nothing},
		"emptied":                  {full, now, func(s *Session) { delete(s.Data, "user") }, deletion},
		"cleared":                  {full, now, func(s *Session) { s.Clear() }, deletion},
		"regenerated":              {full, now, func(s *Session) { s.Regenerate() }, token},
		"lifetime":                 {full, now, func(s *Session) { s.SetLifetime(60, 0, true) }, token},
		"flash":                    {full, now, func(s *Session) { s.AddFlash("a", 1) }, token},
		"discarded":                {full, now, func(s *Session) { s.Discard() }, deletion},
		"discarded, regenerated":   {full, now, func(s *Session) { s.Discard(); s.Regenerate() }, deletion},
		"discarded, written":       {full, now, func(s *Session) { s.Discard(); s.Data["a"] = 1 }, token},
		"empty, flash added":       {empty, now, func(s *Session) { s.AddFlash("a", 1) }, token},
		"empty, regenerated":       {empty, now, func(s *Session) { s.Regenerate() }, token},
		"empty, cleared, lifetime": {empty, now, func(s *Session) { s.Clear(); s.SetLifetime(0, 60, true) }, deletion},
	} {
		request := http.Header{}
		if row.data != nil {
			request = sealed(t, s, row.data)
		}
		session := s.Open(request, row.at)
		row.do(session)
		header := save(t, session, row.at)
		if got := header.Get("Set-Cookie"); !regexp.MustCompile(row.want).MatchString(got) {
			t.Errorf("%s: %q, wanted %q", name, got, row.want)
		}
		if isPrivate := header.Get("Cache-Control") == "private"; isPrivate != (row.want != nothing) {
			t.Errorf("%s: Cache-Control %q", name, header.Get("Cache-Control"))
		}
		if header.Get("Vary") != "Cookie" {
			t.Errorf("%s: Vary %q", name, header.Get("Vary"))
		}
	}
}

func TestRenewalIsLeftOutBesideSharedCachesAndInA304(t *testing.T) {
	s := makeSessions(t, nil)
	for _, row := range []struct {
		status int
		header http.Header
		isSet  bool
	}{
		{200, http.Header{}, true},
		{200, http.Header{"Cache-Control": {"max-age=60"}}, true},
		{200, http.Header{"Cdn-Cache-Control": {"no-store"}}, true},
		{304, http.Header{}, false},
		{200, http.Header{"Cache-Control": {"Public"}}, false},
		{200, http.Header{"Cache-Control": {"s-maxage=5"}}, false},
		{200, http.Header{"Surrogate-Control": {"max-age=60"}}, false},
		{200, http.Header{"Set-Cookie": {"__Host-session=other"}}, false},
	} {
		session := s.Open(sealed(t, s, map[string]any{"user": "ada"}), now+500000)
		before := len(row.header["Set-Cookie"])
		if err := session.Save(row.header, row.status, now+500000); err != nil {
			t.Fatal(err)
		}
		if (len(row.header["Set-Cookie"]) > before) != row.isSet {
			t.Errorf("%d %v", row.status, row.header)
		}
	}
}

func TestTooLargeSessionChangesNothingAndCanBeSavedSmaller(t *testing.T) {
	s := makeSessions(t, nil)
	session := s.Open(http.Header{}, now)
	session.Data["text"] = strings.Repeat("x", 2000)
	header := http.Header{"Cache-Control": {"public"}}
	if err := session.Save(header, 200, now); !errors.Is(err, ErrTooLarge) || len(header) != 1 {
		t.Fatalf("%v, %v", err, header)
	}
	session.Data["text"] = strings.Repeat("x", 1000)
	if err := session.Save(header, 200, now); err != nil || header.Get("Set-Cookie") == "" {
		t.Errorf("%v, %v", err, header)
	}
	if err := session.Save(header, 200, now); err == nil {
		t.Error("saved twice")
	}
}

func TestSessionThatDidNotGrowIsWrittenAgainButNotAfterDiscard(t *testing.T) {
	s := makeSessions(t, nil)
	request := sealed(t, s, map[string]any{"text": strings.Repeat("x", 2000)})
	session := s.Open(request, now)
	session.Data["text"] = strings.Repeat("y", 2000)
	if save(t, session, now).Get("Set-Cookie") == "" {
		t.Error("not written")
	}
	session = s.Open(request, now)
	session.Discard()
	session.Data["text"] = strings.Repeat("y", 2000)
	if err := session.Save(http.Header{}, 200, now); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
}

func TestValueThatCannotBeKeptIsAnError(t *testing.T) {
	session := makeSessions(t, nil).Open(http.Header{}, now)
	session.Data["made"] = struct{ A int }{1}
	header := http.Header{}
	if err := session.Save(header, 200, now); err == nil || len(header) > 0 {
		t.Errorf("%v, %v", err, header)
	}
}

func TestDiscardDeletesThePreviousCookieToo(t *testing.T) {
	s := makeSessions(t, func(settings *Settings) { settings.Previous = []Attributes{{Name: "__Host-old"}} })
	request := sealed(t, s, map[string]any{"user": "ada"})
	request["Cookie"][0] += "; __Host-old=" + seal(t, s, "__Host-old", now)
	session := s.Open(request, now)
	session.Discard()
	want := []string{s.settings.Cookie.Deletion(), s.settings.Previous[0].Deletion()}
	if got := save(t, session, now)["Set-Cookie"]; !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
}

func TestDiscardThenFlashDeletesThePreviousCookieToo(t *testing.T) {
	s := makeSessions(t, func(settings *Settings) { settings.Previous = []Attributes{{Name: "__Host-old"}} })
	request := sealed(t, s, map[string]any{"user": "ada"})
	request["Cookie"][0] += "; __Host-old=" + seal(t, s, "__Host-old", now)
	session := s.Open(request, now)
	session.Discard()
	session.AddFlash("notice", "signed out")
	if got := save(t, session, now)["Set-Cookie"]; len(got) != 2 || got[1] != s.settings.Previous[0].Deletion() {
		t.Errorf("%q", got)
	}
}

func TestRegenerateChangesTheSessionInPlace(t *testing.T) {
	s := makeSessions(t, nil)
	session := s.Open(sealed(t, s, map[string]any{"user": "ada"}), now+50)
	before, ends := session.LogID(), session.envelope.Until
	session.Regenerate()
	if session.LogID() == before || session.envelope.Until != ends+50 || session.Data["user"] != "ada" || session.IsNew() {
		t.Errorf("%v %v", session, session.Data)
	}
	if session.Created().Unix() != now+50 || session.Expires().Unix() != now+1209600 {
		t.Error(session.Created(), session.Expires())
	}
}

func TestFlashIsTakenByCategoryAndThe33rdDropsTheOldest(t *testing.T) {
	session := makeSessions(t, nil).Open(http.Header{}, now)
	session.AddFlash("other", "a")
	for i := 0; i < 33; i++ {
		session.AddFlash("notice", i)
	}
	if got := session.TakeFlash("notice"); len(got) != 32 || got[0] != 1 || got[31] != 32 {
		t.Error(got)
	}
	if got := session.TakeFlash("other"); len(got) != 0 {
		t.Error(got)
	}
}

func TestCSRFTokenOfTheSession(t *testing.T) {
	session := makeSessions(t, nil).Open(http.Header{}, now)
	token := session.MakeCSRFToken("pay")
	if !session.CheckCSRFToken("pay", token) || session.CheckCSRFToken("other", token) {
		t.Error(token)
	}
}

func TestNothingPrintsTheSidOrAKey(t *testing.T) {
	s := makeSessions(t, nil)
	session := s.Open(sealed(t, s, map[string]any{"user": "hidden"}), now)
	sid, key := session.envelope.SID, s.settings.Keyring.load()[0].key
	secrets := []string{
		string(sid[:]), fmt.Sprintf("%x", sid[:]), fmt.Sprint(sid[:]), key.Text(), fmt.Sprintf("%x", key.material),
		fmt.Sprint(key.material[:]), fmt.Sprint([16]byte(sid))[1:40], "hidden",
	}
	for _, object := range []any{
		session, *session, session.reading, session.envelope, &session.envelope, sid, s, *s, s.settings, s.settings.Keyring, key,
		[]SID{sid}, map[SID]int{sid: 1}, []*Session{session},
	} {
		shown := fmt.Sprintf("%v %+v %#v %s %q %x %d", object, object, object, object, object, object, object)
		for _, secret := range secrets {
			if strings.Contains(shown, secret) || strings.Contains(shown, strings.ToUpper(secret)) {
				t.Errorf("%T shows %q: %s", object, secret, shown)
			}
		}
	}
	for _, object := range []any{session, session.envelope, sid, s.settings.Keyring, key, map[SID]int{sid: 1}} {
		text, err := json.Marshal(object)
		for _, secret := range append(secrets[:7:7], strings.Join(strings.Fields(secrets[2]), ",")) {
			if err != nil || strings.Contains(string(text), secret) {
				t.Errorf("JSON of %T: %v, %s", object, err, text)
			}
		}
	}
}

func TestReasonIsWhyTheCookieWasRefused(t *testing.T) {
	s := makeSessions(t, func(settings *Settings) { settings.Previous = []Attributes{{Name: "__Host-old"}} })
	good := sealed(t, s, map[string]any{"user": "ada"}).Get("Cookie")
	keyring, err := ParseKeyring(GenerateKey().Text(), now)
	if err != nil {
		t.Fatal(err)
	}
	others := makeSessions(t, func(settings *Settings) { settings.Keyring = keyring })
	stranger := sealed(t, others, map[string]any{"user": "ada"}).Get("Cookie")
	const malformed, previous = "__Host-session=cj1.x", "__Host-old=cj1.x"
	for _, row := range []struct {
		cookie string
		later  int64
		want   Reason
	}{
		{"", 0, ""},
		{"a=b", 0, ""},
		{good, 0, ""},
		{stranger, 0, UnknownKey},
		{malformed, 0, Malformed},
		{good, 1209600, Expired},
		// Of several, the first; and none where one is accepted.
		{stranger + "; " + malformed, 0, UnknownKey},
		{malformed + "; " + stranger, 0, Malformed},
		{malformed + "; " + good, 0, ""},
		{previous, 0, Malformed},
		{previous + "; " + stranger, 0, UnknownKey},
	} {
		session := s.Open(http.Header{"Cookie": {row.cookie}}, now+row.later)
		if session.Reason() != row.want {
			t.Errorf("%q: %v, want %v", row.cookie, session.Reason(), row.want)
		}
		session.Discard()
		if session.Reason() != row.want {
			t.Errorf("%q after Discard: %v, want %v", row.cookie, session.Reason(), row.want)
		}
	}
}
