package cookiejar

import (
	"net/http"
	"reflect"
	"testing"
)

const now = 1767225600

func makeSessions(t *testing.T, change func(*Settings)) *Sessions {
	t.Helper()
	settings := Settings{Keyring: parseExampleKeyring(t, now)}
	if change != nil {
		change(&settings)
	}
	sessions, err := NewSessions(settings)
	if err != nil {
		t.Fatal(err)
	}
	return sessions
}

func seal(t *testing.T, s *Sessions, purpose string, at int64) string {
	t.Helper()
	token, err := s.settings.Keyring.Seal(s.settings.Policy.NewEnvelope(at), purpose, at)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestScanAndDeletionOfTheSpecification(t *testing.T) {
	example := readExample(t, "scan")
	got := ScanCookies([]string{example["cookie_header_1"], example["cookie_header_2"]}, example["cookie_name"])
	if want := []string{"one", `three"`, "", "a=b"}; !reflect.DeepEqual(got, want) {
		t.Errorf("scanned %q, wanted %q", got, want)
	}
	if got := (Attributes{}).Deletion(); got != readExample(t, "deletion")["set_cookie"] {
		t.Error(got)
	}
}

func TestNewestOfTheFirstFourWins(t *testing.T) {
	s := makeSessions(t, nil)
	field := "__Host-session=broken"
	for _, at := range []int64{now - 3, now - 1, now - 1, now - 2, now} {
		field += "; __Host-session=" + seal(t, s, "__Host-session", at)
	}
	if reading := s.Read([]string{field}, now); reading.Envelope.Issued != now-1 || reading.Reason != "" {
		t.Errorf("%+v", reading)
	}
}

func TestReasonAndFateOfWhatIsUnreadable(t *testing.T) {
	s := makeSessions(t, nil)
	for field, want := range map[string]Reading{
		"":                                       {},
		"__Host-session=x":                       {Reason: Malformed},
		"__Host-session=cj1.x":                   {Reason: Malformed, IsDead: true},
		"__Host-session=x; __Host-session=cj2.x": {Reason: Malformed},
	} {
		if got := s.Read([]string{field}, now); got.Reason != want.Reason || got.IsDead != want.IsDead {
			t.Errorf("%q: %v %v", field, got.Reason, got.IsDead)
		}
	}
}

func TestSessionMovesFromAPreviousName(t *testing.T) {
	old := Attributes{Name: "old", Path: "/app", Insecure: true, SameSite: http.SameSiteDefaultMode}
	s := makeSessions(t, func(settings *Settings) { settings.Previous = []Attributes{old} })
	reading := s.Read([]string{"old=" + seal(t, s, "old", now)}, now)
	if reading.Name != "old" || !reading.IsDue {
		t.Fatalf("%+v", reading)
	}
	fields, err := s.setCookies(reading, reading.Envelope, false, now)
	if err != nil || len(fields) != 2 || fields[1] != "old=; Path=/app; HttpOnly; Max-Age=0" {
		t.Errorf("%q, %v", fields, err)
	}
}

func TestCSRFTokensOfTheSpecification(t *testing.T) {
	for _, id := range []string{"csrf", "csrf-with-form"} {
		example := readExample(t, id)
		sid := *(*SID)(unhex(t, example["sid"]))
		fixRandom(t, unhex(t, example["r"]))
		token := sid.MakeCSRFToken(example["form"])
		if token != example["csrf_token"] || !sid.CheckCSRFToken(example["form"], token) {
			t.Errorf("%s: %s", id, token)
		}
		if last := token[:85] + "x"; sid.CheckCSRFToken(example["form"], last) || sid.CheckCSRFToken("other", token) {
			t.Errorf("%s: a wrong token was taken", id)
		}
	}
}
