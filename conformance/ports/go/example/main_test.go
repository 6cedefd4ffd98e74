package main

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	cookiejar "github.com/cookiejar-session/cookiejar-session/conformance/ports/go"
)

const configuration = `{"cookie": {"name": "__Host-shop", "path": "/", "domain": null, "secure": true, "httponly": true,
	"samesite": "Lax", "partitioned": false}, "purpose": "__Host-shop", "policy": {"idle_timeout": 3600,
	"absolute_lifetime": 7200, "persistent": true, "renew_after": null, "longest_idle": null, "longest_lifetime": null,
	"not_before": null}, "max_token_characters": 2660, "previous": []}`

func TestExampleSignsInAndOut(t *testing.T) {
	t.Setenv("COOKIEJAR_SESSION_KEYS", cookiejar.GenerateKey().Text())
	path := filepath.Join(t.TempDir(), "session.json")
	if err := os.WriteFile(path, []byte(configuration), 0o600); err != nil {
		t.Fatal(err)
	}
	handler, err := makeHandler(path)
	if err != nil {
		t.Fatal(err)
	}
	cookie := ""
	for _, step := range []struct{ method, path, body, cookie string }{
		{"GET", "/", "hello <nil>", `^$`},
		{"GET", "/login", "hello <nil>", `^$`},
		{"POST", "/login", "hello ada", `^__Host-shop=cj1\.\S+; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=3600$`},
		{"GET", "/", "hello ada", `^$`},
		{"GET", "/logout", "hello ada", `^$`},
		{"POST", "/logout", "hello <nil>", `^__Host-shop=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0$`},
	} {
		request, answer := httptest.NewRequest(step.method, step.path, nil), httptest.NewRecorder()
		request.Header.Set("Cookie", cookie)
		handler.ServeHTTP(answer, request)
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
	path := filepath.Join(t.TempDir(), "session.json")
	if err := os.WriteFile(path, []byte(configuration), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := makeHandler(path)
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
}
