// The server of the live tests (tests/ports in the project's root). It answers what tests/ports/live_app.py describes.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	cookiejar "github.com/cookiejar-session/cookiejar-session/conformance/ports/go"
)

func main() {
	settings, err := cookiejar.ParseSettings([]byte(os.Getenv("LIVE_CONFIGURATION")))
	if err != nil {
		log.Fatal(err)
	}
	if settings.Keyring, err = cookiejar.KeyringFromEnvironment(time.Now().Unix()); err != nil {
		log.Fatal(err)
	}
	sessions, err := cookiejar.NewSessions(settings)
	if err != nil {
		log.Fatal(err)
	}
	handler := func(w http.ResponseWriter, r *http.Request) {
		now := time.Now().Unix()
		session := sessions.Open(r.Header, now)
		body := answer(session, r)
		status := http.StatusOK
		if err := session.Save(w.Header(), status, now); err != nil {
			status = http.StatusInsufficientStorage
		}
		w.WriteHeader(status)
		if err := json.NewEncoder(w).Encode(body); err != nil {
			log.Print(err)
		}
	}
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), http.HandlerFunc(handler)))
}

func answer(session *cookiejar.Session, r *http.Request) map[string]any {
	query := r.URL.Query()
	switch r.URL.Path {
	case "/read":
		return map[string]any{
			"user": session.Data["user"], "count": session.Data["count"], "flash": session.TakeFlash("notice"),
			"log_id": session.LogID(),
		}
	case "/sign-in":
		session.Regenerate()
		session.Data["user"] = query.Get("name")
	case "/count":
		count, _ := session.Data["count"].(int64)
		session.Data["count"] = count + 1
	case "/flash":
		session.AddFlash("notice", query.Get("text"))
	case "/fill":
		characters, _ := strconv.Atoi(query.Get("characters"))
		session.Data["fill"] = strings.Repeat("x", characters)
	case "/sign-out":
		session.Discard()
	}
	return map[string]any{}
}
