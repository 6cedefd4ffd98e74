package main

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"

	cookiejar "github.com/cookiejar-session/cookiejar-session/conformance/ports/go"
	"github.com/cookiejar-session/cookiejar-session/conformance/ports/go/internal/seam"
)

// operations answer an input with what is accepted, or with a Reason or refused as the error. Any other error means
// that the adapter could not answer.
var operations = map[string]func(json.RawMessage) (any, error){
	"derive":      typed(derive),
	"log-id":      typed(logID),
	"parse-ring":  typed(parseRing),
	"encode":      typed(encode),
	"decode":      typed(decode),
	"seal":        typed(seal),
	"open":        typed(open),
	"judge":       typed(judge),
	"scan":        typed(scan),
	"read":        typed(read),
	"set-cookie":  typed(setCookie),
	"life-cycle":  typed(runLifeCycle),
	"make-csrf":   typed(makeCSRF),
	"check-csrf":  typed(checkCSRF),
	"accumulated": typed(accumulated),
}

// typed makes an operation of one that takes its input decoded.
func typed[Input any](operation func(Input) (any, error)) func(json.RawMessage) (any, error) {
	return func(text json.RawMessage) (any, error) {
		var input Input
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&input); err != nil {
			return nil, err
		}
		return operation(input)
	}
}

// withRandom calls a function for which the random source gives these octets.
func withRandom(given octets, call func()) {
	seam.Random = bytes.NewReader(given)
	defer func() { seam.Random = rand.Reader }()
	call()
}

func derive(input struct {
	Key           octets  `json:"key"`
	SecretKeyBase *octets `json:"secret_key_base"`
	Purpose       string  `json:"purpose"`
}) (any, error) {
	text := "hex:" + hex.EncodeToString(input.Key)
	if input.SecretKeyBase != nil {
		text = "skb:" + hex.EncodeToString(*input.SecretKeyBase)
	}
	key, err := cookiejar.ParseKey(text)
	if err != nil {
		return nil, err
	}
	boxKey := key.BoxKey(input.Purpose)
	return object{"key_id": key.ID().String(), "box_key": octets(boxKey[:]), "key_text": key.Text()}, nil
}

func logID(input struct {
	SID octets `json:"sid"`
}) (any, error) {
	sid, err := toSID(input.SID)
	return object{"log_id": sid.LogID()}, err
}

func parseRing(input struct {
	Ring           octets  `json:"ring"`
	IsFile         bool    `json:"is_file"`
	AllowPublished bool    `json:"allow_published"`
	Now            int64   `json:"now"`
	Moments        []int64 `json:"moments"`
}) (any, error) {
	seam.TakesPublishedKeys = input.AllowPublished
	defer func() { seam.TakesPublishedKeys = true }()
	parse := cookiejar.ParseKeyring
	if input.IsFile {
		parse = cookiejar.ParseKeyringFile
	}
	keyring, err := parse(string(input.Ring), input.Now)
	if err != nil {
		return nil, refused
	}
	moments := []object{}
	for _, now := range input.Moments {
		primary, ok := keyring.Primary(now)
		if !ok {
			return nil, errors.New("no primary at a moment asked for")
		}
		opens := []string{}
		for _, id := range keyring.OpeningKeyIDs(now) {
			opens = append(opens, id.String())
		}
		moments = append(moments, object{"now": now, "primary": primary.ID().String(), "opens": opens})
	}
	return object{"moments": moments}, nil
}

func encode(input struct {
	Envelope envelope `json:"envelope"`
}) (any, error) {
	made, err := input.Envelope.toEnvelope()
	if err != nil {
		return nil, err
	}
	plaintext, err := made.Encode()
	if err != nil {
		return nil, refused
	}
	return object{"plaintext": octets(plaintext)}, nil
}

func decode(input struct {
	Plaintext octets `json:"plaintext"`
}) (any, error) {
	decoded, err := cookiejar.DecodeEnvelope(input.Plaintext)
	return object{"envelope": fromEnvelope(decoded)}, err
}

func seal(input struct {
	Keyring  string   `json:"keyring"`
	Purpose  string   `json:"purpose"`
	Now      int64    `json:"now"`
	Envelope envelope `json:"envelope"`
	Nonce    *octets  `json:"nonce"`
}) (any, error) {
	keyring, err := cookiejar.ParseKeyring(input.Keyring, input.Now)
	if err != nil {
		return nil, refused
	}
	made, err := input.Envelope.toEnvelope()
	if err != nil {
		return nil, err
	}
	var token string
	call := func() { token, err = keyring.Seal(made, input.Purpose, input.Now) }
	if input.Nonce != nil {
		withRandom(*input.Nonce, call)
	} else {
		call()
	}
	if err != nil {
		return nil, refused
	}
	return object{"token": token}, nil
}

func open(input struct {
	Keyring string `json:"keyring"`
	Purpose string `json:"purpose"`
	Now     int64  `json:"now"`
	Policy  policy `json:"policy"`
	Value   octets `json:"value"`
}) (any, error) {
	keyring, err := cookiejar.ParseKeyring(input.Keyring, input.Now)
	if err != nil {
		return nil, refused
	}
	opened, err := keyring.Open(string(input.Value), input.Purpose, cookiejar.Policy(input.Policy), input.Now)
	return object{"envelope": fromEnvelope(opened)}, err
}

func judge(input struct {
	Created       int64  `json:"created"`
	Issued        int64  `json:"issued"`
	Idle          int64  `json:"idle"`
	Until         int64  `json:"until"`
	Now           int64  `json:"now"`
	Policy        policy `json:"policy"`
	BehindPrimary bool   `json:"behind_primary"`
}) (any, error) {
	p := cookiejar.Policy(input.Policy)
	lowered := p.Lower(cookiejar.Envelope{
		Created: input.Created, Issued: input.Issued, Idle: input.Idle, Until: input.Until,
	})
	if err := p.Judge(lowered, input.Now); err != nil {
		return nil, err
	}
	return object{
		"expires": lowered.Expires(), "idle": lowered.Idle, "until": lowered.Until,
		"renewal_due": p.RenewalDue(lowered, input.Now),
		"reseal_due":  cookiejar.ResealDue(lowered, input.BehindPrimary, input.Now),
	}, nil
}

func toSID(given octets) (sid cookiejar.SID, err error) {
	if copy(sid[:], given) != len(sid) || len(given) != len(sid) {
		err = errors.New("sid must have 16 octets")
	}
	return sid, err
}
