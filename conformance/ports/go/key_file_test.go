package cookiejar

import (
	"bytes"
	"log"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

func write(t *testing.T, path string, keys ...Key) {
	t.Helper()
	text := "# keys\n"
	for _, key := range keys {
		text += key.Text() + "\n"
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// watchLog gives what is logged from now on.
func watchLog(t *testing.T) *bytes.Buffer {
	var logged bytes.Buffer
	log.SetOutput(&logged)
	t.Cleanup(func() { log.SetOutput(os.Stderr) })
	return &logged
}

func TestKeyFileIsReadAgain(t *testing.T) {
	logged := watchLog(t)
	old, fresh := GenerateKey(), GenerateKey()
	path := filepath.Join(t.TempDir(), "keys")
	write(t, path, old)
	keyring, err := KeyringFromFile(path, now)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, fresh, old)
	if primary, _ := keyring.Primary(now + 9); primary != old {
		t.Error(primary)
	}
	if primary, _ := keyring.Primary(now + 10); primary != fresh {
		t.Error(primary)
	}
	if _, position, ok := keyring.find(old.ID(), now+10); position != 1 || !ok {
		t.Error(position, ok)
	}
	if !strings.Contains(logged.String(), "read again") || strings.Contains(logged.String(), fresh.Text()) {
		t.Error(logged)
	}
}

func TestUnknownKeyIDReadsTheFileOnceASecond(t *testing.T) {
	watchLog(t)
	old, fresh := GenerateKey(), GenerateKey()
	path := filepath.Join(t.TempDir(), "keys")
	write(t, path, old)
	keyring, _ := KeyringFromFile(path, now)
	write(t, path, fresh, old)
	if _, _, ok := keyring.find(fresh.ID(), now); ok {
		t.Error("read twice in one second")
	}
	if _, _, ok := keyring.find(fresh.ID(), now+1); !ok {
		t.Error("not read again")
	}
}

// go test -race finds here what is not safe for concurrent use.
func TestKeyFileIsReadByManyAtOnce(t *testing.T) {
	watchLog(t)
	old, fresh := GenerateKey(), GenerateKey()
	path := filepath.Join(t.TempDir(), "keys")
	write(t, path, old)
	keyring, _ := KeyringFromFile(path, now)
	write(t, path, fresh, old)
	var group sync.WaitGroup
	for i := 0; i < 8; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for at := int64(now); at < now+20; at++ {
				if _, _, ok := keyring.find(old.ID(), at); !ok {
					t.Error("the old key is unknown")
				}
				keyring.find(fresh.ID(), at)
			}
		}()
	}
	group.Wait()
	if primary, _ := keyring.Primary(now + 20); primary != fresh {
		t.Error(primary)
	}
}

func TestClockThatGoesBackReadsTheFile(t *testing.T) {
	watchLog(t)
	old, fresh := GenerateKey(), GenerateKey()
	path := filepath.Join(t.TempDir(), "keys")
	write(t, path, old)
	keyring, _ := KeyringFromFile(path, now)
	write(t, path, fresh)
	if primary, _ := keyring.Primary(now - 1000); primary != fresh {
		t.Error(primary)
	}
}

func TestBadKeyFileKeepsTheKeysAndIsLoggedOnce(t *testing.T) {
	key := GenerateKey()
	for name, spoil := range map[string]func(string) error{
		"missing": os.Remove,
		"empty":   func(path string) error { return os.WriteFile(path, nil, 0o600) },
		"damaged": func(path string) error { return os.WriteFile(path, []byte(key.Text()[:52]), 0o600) },
		"large":   func(path string) error { return os.WriteFile(path, make([]byte, 1<<20+1), 0o600) },
		"fifo": func(path string) error {
			if err := os.Remove(path); err != nil {
				return err
			}
			return syscall.Mkfifo(path, 0o600)
		},
	} {
		logged := watchLog(t)
		path := filepath.Join(t.TempDir(), "keys")
		write(t, path, key)
		keyring, err := KeyringFromFile(path, now)
		if err != nil {
			t.Fatal(err)
		}
		if err := spoil(path); err != nil {
			t.Fatal(err)
		}
		for at := int64(now + 10); at < now+60; at += 10 {
			if primary, ok := keyring.Primary(at); !ok || primary != key {
				t.Errorf("%s: %v", name, primary)
			}
		}
		if strings.Count(logged.String(), "the previous keys stay in use") != 1 || strings.Contains(logged.String(), key.Text()[5:40]) {
			t.Errorf("%s: %s", name, logged)
		}
		if _, err := KeyringFromFile(path, now); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(logged.String(), "valid again") {
			t.Errorf("%s: %s", name, logged)
		}
		os.Remove(path)
		write(t, path, key)
		for _, at := range []int64{now + 60, now + 70} {
			keyring.Primary(at)
		}
		if strings.Count(logged.String(), "is valid again") != 1 {
			t.Errorf("%s: %s", name, logged)
		}
	}
}

func TestKeyFileThatCannotBeReadIsNamedWithTheReason(t *testing.T) {
	folder := t.TempDir()
	locked, fifo, long := filepath.Join(folder, "locked"), filepath.Join(folder, "fifo"), filepath.Join(folder, "long")
	write(t, locked, GenerateKey())
	if err := os.Chmod(locked, 0); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(long, make([]byte, 1<<20+1), 0o600); err != nil {
		t.Fatal(err)
	}
	problems := map[string]string{
		filepath.Join(folder, "none"): "no such file or directory; name a file that this process can read",
		folder:                        "is a directory; name a file with keys",
		fifo:                          "is a FIFO; name a file with keys",
		"/dev/null":                   "is a device; name a file with keys",
		long:                          "is longer than 1048576 bytes; name a file with keys",
	}
	if os.Getuid() != 0 { // the superuser may read every file
		problems[locked] = "permission denied; name a file that this process can read"
	}
	for path, problem := range problems {
		if _, err := KeyringFromFile(path, now); err == nil || !strings.Contains(err.Error(), path) || !strings.HasSuffix(err.Error(), problem) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestBothVariables(t *testing.T) {
	key := GenerateKey()
	path := filepath.Join(t.TempDir(), "keys")
	write(t, path, key)
	for _, row := range []struct{ keys, file, problem string }{
		{key.Text(), "", ""},
		{key.Text(), " \n", ""},
		{"", " " + path + "\n", ""},
		{" ", path, ""},
		{key.Text(), path, "both set"},
		{"", " ", "cookiejar-session keygen"},
		{"junk", "", "COOKIEJAR_SESSION_KEYS"},
		{"", path + "x", path + "x"},
		{path, "", fileVariable},
		{"./keys", "", fileVariable},
	} {
		t.Setenv(keysVariable, row.keys)
		t.Setenv(fileVariable, row.file)
		keyring, err := KeyringFromEnvironment(now)
		if row.problem == "" && (err != nil || keyring.load()[0].key != key) {
			t.Errorf("%+v: %v", row, err)
		}
		if row.problem != "" && (err == nil || !strings.Contains(err.Error(), row.problem)) {
			t.Errorf("%+v: %v", row, err)
		}
	}
}

func TestKeyInPlaceOfThePathIsNotShown(t *testing.T) {
	text := GenerateKey().Text()
	for _, path := range []string{text, text + "@until=2027-01-01T00:00:00Z", " " + text, text[5:], "hex:" + text[5:], text[5:48]} {
		_, err := KeyringFromFile(path, now)
		if err == nil || strings.Contains(err.Error(), text[10:40]) || !strings.Contains(err.Error(), keysVariable) {
			t.Error(err)
		}
	}
}
