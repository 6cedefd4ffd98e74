package cookiejar_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"cookiejar-session.example/cookiejar"
)

// README.md shows what stands between the two marks.
// [readme
func makeHandler() (http.HandlerFunc, error) {
	keyring, err := cookiejar.KeyringFromEnvironment(time.Now().Unix())
	if err != nil {
		return nil, err
	}
	sessions, err := cookiejar.NewSessions(cookiejar.Settings{
		Keyring: keyring, Cookie: cookiejar.DefaultAttributes(), Policy: cookiejar.DefaultPolicy(),
	})
	return func(w http.ResponseWriter, r *http.Request) {
		// Read the session of the Python app, or begin one.
		reading := sessions.Read(r.Header.Values("Cookie"), time.Now().Unix())
		session := reading.Envelope
		user, _ := session.Data["user"].(string)

		// Write it back: before the body.
		session.Data["seen"] = time.Now().Unix()
		fields, err := sessions.SetCookies(reading, session, time.Now().Unix())
		if err != nil {
			http.Error(w, "session cannot be kept", http.StatusInternalServerError)
			return
		}
		w.Header()["Set-Cookie"] = append(w.Header()["Set-Cookie"], fields...)
		cookiejar.KeepPrivate(w.Header())
		fmt.Fprintf(w, "hello %s", user)
	}, err
}

// readme]

func TestHandlerOfTheReadme(t *testing.T) {
	t.Setenv("COOKIEJAR_SESSION_KEYS", cookiejar.GenerateKey().Text())
	handler, err := makeHandler()
	if err != nil {
		t.Fatal(err)
	}
	first, second := httptest.NewRecorder(), httptest.NewRecorder()
	handler(first, httptest.NewRequest("GET", "/", nil))
	request := httptest.NewRequest("GET", "/", nil)
	request.AddCookie(first.Result().Cookies()[0])
	handler(second, request)
	if cookie := second.Result().Cookies()[0]; cookie.Name != "__Host-session" || cookie.MaxAge != 1209600 {
		t.Error(cookie)
	}
}

func TestReadmeShowsTheHandler(t *testing.T) {
	source, _ := os.ReadFile("example_test.go")
	readme, _ := os.ReadFile("README.md")
	shown := regexp.MustCompile(`(?s)// \[readme\n(.*?)\n// readme\]`).FindSubmatch(source)
	if shown == nil || !strings.Contains(string(readme), string(shown[1])) {
		t.Error("README.md does not show the handler as it is here")
	}
}
