package cookiejar

import (
	"net/http"
	"os"
	"reflect"
	"strings"
	"testing"
)

const configuration = `{"cookie": {"name": "__Secure-new", "path": "/a", "domain": "example.com", "secure": true,
	"httponly": false, "samesite": null, "partitioned": true}, "purpose": "__Secure-new", "policy": {"idle_timeout": 60,
	"absolute_lifetime": 600, "persistent": false, "renew_after": 5, "longest_idle": 50, "longest_lifetime": 500,
	"not_before": 1700000000}, "max_token_characters": 3972, "previous": [{"cookie": {"name": "old", "path": "/",
	"domain": null, "secure": false, "httponly": true, "samesite": "Strict", "partitioned": false}, "purpose": "old"}]}`

func TestConfigurationOfPython(t *testing.T) {
	settings, err := ParseSettings([]byte(configuration))
	want := Settings{
		Cookie: Attributes{Name: "__Secure-new", Path: "/a", Domain: "example.com", ScriptReadable: true,
			SameSite: http.SameSiteDefaultMode, Partitioned: true},
		Policy: Policy{IdleTimeout: 60, AbsoluteLifetime: 600, RenewAfter: 5, LongestIdle: 50, LongestLifetime: 500,
			NotBefore: 1700000000},
		MaxTokenCharacters: 3972,
		Previous:           []Attributes{{Name: "old", Path: "/", Insecure: true, SameSite: http.SameSiteStrictMode}},
	}
	if err != nil || !reflect.DeepEqual(settings, want) {
		t.Errorf("%+v, %v", settings, err)
	}
}

func TestPurposesOfTheConfiguration(t *testing.T) {
	shared := strings.NewReplacer(`"purpose": "old"`, `"purpose": "p"`, `"purpose": "__Secure-new"`, `"purpose": "p"`)
	settings, err := ParseSettings([]byte(shared.Replace(configuration)))
	if err != nil || settings.Purpose == nil || *settings.Purpose != "p" {
		t.Errorf("%v, %v", settings.Purpose, err)
	}
	if _, err := ParseSettings([]byte(strings.Replace(configuration, `"purpose": "old"`, `"purpose": "p"`, 1))); err == nil {
		t.Error("two purposes were taken")
	}
}

func TestConfigurationsThatAreRefused(t *testing.T) {
	for before, after := range map[string]string{
		`"secure": true,`:                    `"secure": null,`,
		`"httponly": false,`:                 ``,
		`"purpose": "__Secure-new",`:         `"purpose": 7,`,
		`"max_token_characters": 3972,`:      `"max_token_characters": "3972",`,
		`"samesite": "Strict"`:               `"samesite": "strict"`,
		`"domain": "example.com"`:            `"domain": ""`,
		`"idle_timeout": 60`:                 `"idle_timeout": 60.5`,
		`"renew_after": 5,`:                  `"renew_after": 5, "new_rule": 1,`,
		`"persistent": false`:                `"persistent": "no"`,
		configuration:                        `[]`,
		configuration[:len(configuration)-1]: ``,
	} {
		if !strings.Contains(configuration, before) {
			t.Fatalf("%q is not in the configuration", before)
		}
		_, err := ParseSettings([]byte(strings.Replace(configuration, before, after, 1)))
		if err == nil || !strings.HasPrefix(err.Error(), "cookiejar: ") {
			t.Errorf("%s: %v", after, err)
		}
	}
}

func TestZeroSettingsAreThoseOfTheSpecification(t *testing.T) {
	s, err := NewSessions(Settings{Keyring: parseExampleKeyring(t, now)})
	if err != nil {
		t.Fatal(err)
	}
	want := "__Host-session=t; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=1209600"
	if got := s.settings.Cookie.SetCookie("t", s.settings.Policy.Persistent, now+s.settings.Policy.IdleTimeout, now); got != want {
		t.Error(got)
	}
	if got := (Attributes{}).SetCookie("t", true, now+1209600, now); got != want {
		t.Error(got)
	}
	if s.settings.MaxTokenCharacters != 2660 {
		t.Error(s.settings.MaxTokenCharacters)
	}
}

func TestLicenseIsThatOfTheProject(t *testing.T) {
	ours, _ := os.ReadFile("LICENSE")
	theirs, err := os.ReadFile("../../../LICENSE")
	if err != nil || string(ours) != string(theirs) {
		t.Error("LICENSE differs from that of the project", err)
	}
}
