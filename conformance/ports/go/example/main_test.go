package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	cookiejar "github.com/cookiejar-session/cookiejar-session/conformance/ports/go"
)

const configuration = `{"cookie": {"name": "__Host-shop", "path": "/", "domain": null, "secure": true, "httponly": true,
	"samesite": "Lax", "partitioned": false}, "purpose": "__Host-shop", "policy": {"idle_timeout": 3600,
	"absolute_lifetime": 7200, "persistent": true, "renew_after": null, "longest_idle": null, "longest_lifetime": null,
	"not_before": null}, "max_token_characters": 2660, "previous": []}`

func TestExampleSignsInAndOut(t *testing.T) {
	handler, _ := start(t, nil)
	cookie := ""
	for _, step := range []struct{ method, path, body, cookie string }{
		{"GET", "/", "hello <nil>", `^$`},
		{"GET", "/login", "hello <nil>", `^$`},
		{"POST", "/login", "hello ada", `^__Host-shop=cj1\.\S+; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=3600$`},
		{"GET", "/", "hello ada", `^$`},
		{"GET", "/logout", "hello ada", `^$`},
		{"POST", "/logout", "hello <nil>", `^__Host-shop=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0$`},
	} {
		answer := ask(handler, step.method, step.path, cookie)
		set := answer.Header().Get("Set-Cookie")
		if answer.Body.String() != step.body || !regexp.MustCompile(step.cookie).MatchString(set) {
			t.Errorf("%s %s: %q, %q", step.method, step.path, answer.Body, set)
		}
		if set != "" {
			cookie, _, _ = strings.Cut(set, ";")
		}
	}
}

func TestExampleSaysWhichVariableIsMissing(t *testing.T) {
	t.Setenv("COOKIEJAR_SESSION_KEYS", "")
	t.Setenv("COOKIEJAR_SESSION_KEYS_FILE", "")
	_, err := makeHandler(writeConfiguration(t))
	for _, word := range []string{"COOKIEJAR_SESSION_KEYS", "COOKIEJAR_SESSION_KEYS_FILE", "cookiejar-session keygen"} {
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%v does not name %s", err, word)
		}
	}
}

func TestReadmeShowsTheExample(t *testing.T) {
	source, _ := os.ReadFile("main.go")
	readme, _ := os.ReadFile("../README.md")
	if !strings.Contains(string(readme), "```go\n"+string(source)+"```") {
		t.Error("README.md does not show example/main.go as it is")
	}
	tests, _ := os.ReadFile("main_test.go")
	_, shown, _ := strings.Cut(string(readme), "```go\nfunc signIn(")
	shown, _, _ = strings.Cut(shown, "```")
	if shown == "" || !strings.Contains(string(tests), "\nfunc signIn("+shown) {
		t.Error("README.md does not show signIn of example/main_test.go as it is")
	}
}

func signIn(sessions *cookiejar.Sessions, user string) (string, error) {
	now, header := time.Now().Unix(), http.Header{}
	session := sessions.Open(http.Header{}, now)
	session.Regenerate()
	session.Data["user"] = user
	err := session.Save(header, http.StatusOK, now)
	cookie, _, _ := strings.Cut(header.Get("Set-Cookie"), ";")
	return cookie, err
}

func writeConfiguration(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "session.json")
	if err := os.WriteFile(path, []byte(configuration), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// start gives the example's handler, and sessions of its configuration with a key of their own if there is one.
func start(t *testing.T, key *cookiejar.Key) (http.Handler, *cookiejar.Sessions) {
	t.Helper()
	own := cookiejar.GenerateKey()
	t.Setenv("COOKIEJAR_SESSION_KEYS", own.Text())
	handler, err := makeHandler(writeConfiguration(t))
	if err != nil {
		t.Fatal(err)
	}
	if key == nil {
		key = &own
	}
	settings, err := cookiejar.ParseSettings([]byte(configuration))
	if err != nil {
		t.Fatal(err)
	}
	if settings.Keyring, err = cookiejar.ParseKeyring(key.Text(), time.Now().Unix()); err != nil {
		t.Fatal(err)
	}
	sessions, err := cookiejar.NewSessions(settings)
	if err != nil {
		t.Fatal(err)
	}
	return handler, sessions
}

func ask(handler http.Handler, method, path, cookie string) *httptest.ResponseRecorder {
	request, answer := httptest.NewRequest(method, path, nil), httptest.NewRecorder()
	request.Header.Set("Cookie", cookie)
	handler.ServeHTTP(answer, request)
	return answer
}

func TestSignInOfTheReadmeIsKnownToTheExample(t *testing.T) {
	handler, sessions := start(t, nil)
	cookie, err := signIn(sessions, "grace")
	if err != nil {
		t.Fatal(err)
	}
	if got := ask(handler, "GET", "/", cookie).Body.String(); got != "hello grace" {
		t.Error(got)
	}
}

func TestExampleWritesNothingWhereAnotherServerMayOpenTheCookie(t *testing.T) {
	other := cookiejar.GenerateKey()
	handler, sessions := start(t, &other)
	unknownKey, err := signIn(sessions, "ada")
	if err != nil {
		t.Fatal(err)
	}
	for _, cookie := range []string{unknownKey, "__Host-shop=cj2.x"} {
		for _, method := range []string{"GET", "POST"} {
			answer := ask(handler, method, "/logout", cookie)
			if answer.Code != 503 || answer.Header().Get("Retry-After") != "10" || answer.Header().Get("Set-Cookie") != "" {
				t.Errorf("%s: %d %v", method, answer.Code, answer.Header())
			}
		}
		if answer := ask(handler, "POST", "/login", cookie); answer.Code != 200 || answer.Header().Get("Set-Cookie") == "" {
			t.Errorf("%d %v", answer.Code, answer.Header())
		}
	}
	if answer := ask(handler, "GET", "/", "__Host-shop=cj1.x"); answer.Code != 200 {
		t.Error(answer.Code)
	}
}
