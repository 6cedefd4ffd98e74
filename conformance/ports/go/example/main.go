// A server beside a Python application: it reads and writes the session of the same visitor.
package main

import (
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	cookiejar "github.com/cookiejar-session/cookiejar-session/conformance/ports/go"
)

func main() {
	handler, err := makeHandler("session.json")
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe("127.0.0.1:8001", handler))
}

// makeHandler takes the configuration from a file that the Python application has printed, and the keys from
// COOKIEJAR_SESSION_KEYS or COOKIEJAR_SESSION_KEYS_FILE.
func makeHandler(path string) (http.Handler, error) {
	configuration, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	settings, err := cookiejar.ParseSettings(configuration)
	if err != nil {
		return nil, err
	}
	if settings.Keyring, err = cookiejar.KeyringFromEnvironment(time.Now().Unix()); err != nil {
		return nil, err
	}
	sessions, err := cookiejar.NewSessions(settings)
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		now := time.Now().Unix()
		session := sessions.Open(r.Header, now)
		if reason := session.Reason(); reason != "" {
			log.Printf("session cookie refused: %s", string(reason))
		}
		if isForAnotherServer(session.Reason()) && r.URL.Path != "/login" {
			w.Header().Set("Retry-After", "10")
			http.Error(w, "please try again in a moment", http.StatusServiceUnavailable)
			return
		}
		switch r.Method + " " + r.URL.Path {
		case "POST /login": // after checking a password
			session.Regenerate()
			session.Data["user"] = "ada"
		case "POST /logout":
			session.Discard()
		}
		// Before the body, and also after reading alone.
		if err := session.Save(w.Header(), http.StatusOK, now); errors.Is(err, cookiejar.ErrTooLarge) {
			http.Error(w, "the session is too large", http.StatusInsufficientStorage)
			return
		} else if err != nil {
			http.Error(w, "the session cannot be kept", http.StatusInternalServerError)
			log.Print(err)
			return
		}
		fmt.Fprintf(w, "hello %v", session.Data["user"])
	}), nil
}

// isForAnotherServer tells whether another server may still open the cookie that this one refused. A write, such as that of
// MakeCSRFToken, would replace it, and the visitor would be signed out everywhere.
func isForAnotherServer(reason cookiejar.Reason) bool {
	return reason == cookiejar.UnknownKey || reason == cookiejar.UnknownVersion || reason == cookiejar.NotYetValid
}
