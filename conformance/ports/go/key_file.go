package cookiejar

import (
	"errors"
	"fmt"
	"log"
	"os"
	"reflect"
	"regexp"
	"strings"
	"sync"
)

const (
	keysVariable = "COOKIEJAR_SESSION_KEYS"
	fileVariable = "COOKIEJAR_SESSION_KEYS_FILE"
	// In seconds, between two reads of a key file: in general, and after an unknown key id.
	readEvery             = 10
	readEveryOnUnknownKey = 1
	maxFileOctets         = 1 << 20
)

// keyLike matches a text that begins like a key, or that is as long as one without its form and no absolute path.
var keyLike = regexp.MustCompile(`^\s*(cjk1_|hex:|b64:|skb:)|^[0-9A-Za-z+_-][0-9A-Za-z+/_=-]{42,}$`)

// keyFile is the file of a keyring. It is read again while the process runs.
type keyFile struct {
	path string

	lock      sync.Mutex
	readAt    int64
	complaint string
}

// KeyringFromEnvironment reads the keys in COOKIEJAR_SESSION_KEYS, or in the file that COOKIEJAR_SESSION_KEYS_FILE names
// (SPEC 4.5.2). Blanks around the path are ignored, and a blank variable counts as unset. See KeyringFromFile.
func KeyringFromEnvironment(now int64) (*Keyring, error) {
	text := strings.Trim(os.Getenv(keysVariable), " \t\r\n")
	path := strings.Trim(os.Getenv(fileVariable), " \t\r\n")
	switch {
	case text != "" && path != "":
		return nil, errors.New("cookiejar: " + keysVariable + " and " + fileVariable + " are both set; unset one of the two")
	case path != "":
		return KeyringFromFile(path, now)
	case strings.HasPrefix(text, "/") || strings.HasPrefix(text, "."):
		return nil, errors.New("cookiejar: " + keysVariable + " holds a path, not a key; put the path in " + fileVariable)
	case text == "":
		return nil, errors.New("cookiejar: neither " + keysVariable + " nor " + fileVariable + " is set; make a key with " +
			`"cookiejar-session keygen" and put it in one of them`)
	}
	keyring, err := ParseKeyring(text, now)
	if err != nil {
		return nil, fmt.Errorf("%w (in %s)", err, keysVariable)
	}
	return keyring, nil
}

// KeyringFromFile reads the keys in a file. A keyring from a file follows its changes. When a key is needed, it reads the
// file again if the last time is 10 seconds ago, or one second if a token has an unknown key id. So a service without
// requests reads and logs nothing. A file that holds no valid keys is logged, and the previous keys stay in use.
func KeyringFromFile(path string, now int64) (*Keyring, error) {
	keyring, err := readKeyFile(path, now)
	if err != nil {
		return nil, err
	}
	keyring.file = &keyFile{path: path, readAt: now}
	return keyring, nil
}

func readKeyFile(path string, now int64) (*Keyring, error) {
	found, err := os.Stat(path)
	switch {
	case err != nil && keyLike.MatchString(path): // not shown, since errors get into logs
		return nil, errors.New("cookiejar: the path of the key file is a key; put the key in " + keysVariable)
	case err != nil:
		return nil, fmt.Errorf("cookiejar: key file: %w; name a file that this process can read", err)
	case !found.Mode().IsRegular(): // reading a FIFO would wait for a writer
		return nil, fmt.Errorf("cookiejar: key file %q is a %s; name a file with keys", path, kindOf(found.Mode()))
	case found.Size() > maxFileOctets:
		return nil, fmt.Errorf("cookiejar: key file %q is longer than %d bytes; name a file with keys", path, maxFileOctets)
	}
	contents, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("cookiejar: key file: %w; name a file that this process can read", err)
	}
	keyring, err := ParseKeyringFile(string(contents), now)
	if err != nil {
		return nil, fmt.Errorf("%w (in key file %q)", err, path)
	}
	return keyring, nil
}

func kindOf(mode os.FileMode) string {
	switch {
	case mode.IsDir():
		return "directory"
	case mode&os.ModeNamedPipe != 0:
		return "FIFO"
	case mode&os.ModeSocket != 0:
		return "socket"
	}
	return "device"
}

// follow reads the file again if the last time is at least so many seconds ago, or if the clock went back. It tells
// whether it has read valid keys.
func (k *Keyring) follow(now, seconds int64) bool {
	if k.file == nil {
		return false
	}
	k.file.lock.Lock()
	defer k.file.lock.Unlock()
	if now >= k.file.readAt && now-k.file.readAt < seconds {
		return false
	}
	k.file.readAt = now
	fresh, err := readKeyFile(k.file.path, now)
	if err != nil {
		if k.file.complaint != err.Error() {
			log.Printf("%v; the previous keys stay in use", err)
		}
		k.file.complaint = err.Error()
		return false
	}
	if k.file.complaint != "" {
		log.Printf("cookiejar: key file %q is valid again", k.file.path)
	}
	k.file.complaint = ""
	if entries := fresh.load(); !reflect.DeepEqual(entries, k.load()) {
		k.entries.Store(&entries)
		log.Printf("cookiejar: key file read again: %v", k)
	}
	return true
}
