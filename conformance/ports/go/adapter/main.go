// The adapter by which conformance/run.py drives the Go port: JSON lines over stdin and stdout.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sort"

	cookiejar "github.com/cookiejar-session/cookiejar-session/conformance/ports/go"
	"github.com/cookiejar-session/cookiejar-session/conformance/ports/go/internal/seam"
)

// What Go can say. Its types leave no way to hand over an envelope field of a wrong type, a map key twice, or text with
// a lone surrogate that is not ill-formed already.
var capabilities = []string{
	"wide-integers", "whole-floats", "big-integers", "ill-formed-text", "other-keys", "dates",
}

type request struct {
	Type   string          `json:"type"`
	Number int             `json:"number"`
	Op     string          `json:"op"`
	Input  json.RawMessage `json:"input"`
}

type object map[string]any

// refusal is the error of an operation whose right answer is to refuse.
type refusal string

func (r refusal) Error() string { return string(r) }

const refused refusal = "refused"

func main() {
	seam.TakesPublishedKeys = true
	requests := json.NewDecoder(bufio.NewReader(os.Stdin))
	answers := json.NewEncoder(os.Stdout)
	for {
		var r request
		err := requests.Decode(&r)
		if err == io.EOF || r.Type == "stop" {
			return
		}
		if err == nil {
			err = answers.Encode(answer(r))
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func answer(r request) object {
	switch r.Type {
	case "start":
		return object{
			"type": "started", "protocol": 1, "name": "go", "version": "0.1.0",
			"ops": listOperations(), "capabilities": capabilities,
		}
	case "run":
		result, err := run(r)
		if err != nil {
			return object{"type": "error", "number": r.Number, "message": err.Error()}
		}
		return object{"type": "result", "number": r.Number, "result": result}
	}
	return object{"type": "error", "number": r.Number, "message": "unknown type " + r.Type}
}

func run(r request) (result object, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("panic: %v", problem)
		}
	}()
	operation, ok := operations[r.Op]
	if !ok {
		return nil, fmt.Errorf("unknown op %q", r.Op)
	}
	accepted, err := operation(r.Input)
	var reason cookiejar.Reason
	var word refusal
	switch {
	case errors.As(err, &reason):
		return object{"refuse": string(reason)}, nil
	case errors.As(err, &word):
		return object{"refuse": string(word)}, nil
	case err != nil:
		return nil, err
	}
	return object{"accept": accepted}, nil
}

func listOperations() []string {
	var names []string
	for name := range operations {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}
