package cookiejar

// SPEC 11.4: judging and opening cost, and no browser in use sends more values of one name.
const (
	maxJudged = 16
	maxOpened = 4
)

// Reading is what the Cookie fields of a request came to.
type Reading struct {
	// Envelope is the accepted session; if there is none it is a new one.
	Envelope Envelope
	// Name is that of the cookie whose value was accepted, or empty.
	Name string
	// Reason is why nothing was accepted, or empty if something was or nothing came (SPEC 11.6). It is for logs alone.
	Reason Reason
	// IsDue tells that the session is to be set again though the application wrote nothing: a reseal, a renewal or a
	// move is due (SPEC 13.5 step 6).
	IsDue bool
	// IsDead tells that the cookie is to be deleted if nothing is written: nobody can read it (SPEC 13.5 step 7).
	IsDead bool

	now        int64
	characters int             // of the accepted token
	previous   map[string]bool // the previous names that had a value of ours (SPEC 12.9)
}

// Read finds the session in the Cookie fields of a request (SPEC 11.4 to 11.6). It never fails: without a session that
// is accepted there is a new one.
func (s *Sessions) Read(fields []string, now int64) Reading {
	reading := Reading{now: now, previous: make(map[string]bool)}
	var reasons []Reason
	accepted, refused, mustPreserve := s.acceptValue(ScanCookies(fields, s.settings.Cookie.Name), s.settings.Cookie, now)
	reasons = append(reasons, refused...)
	mayMove := accepted == nil && !mustPreserve
	if accepted != nil {
		reading.Name = s.settings.Cookie.Name
	}
	tried := map[string]bool{s.settings.Cookie.Name: true}
	for _, previous := range s.settings.Previous { // SPEC 11.5
		if tried[previous.Name] {
			continue
		}
		tried[previous.Name] = true
		values := ScanCookies(fields, previous.Name)
		reading.previous[previous.Name] = countsAsOurs(values)
		if accepted != nil {
			continue
		}
		var preserves bool
		accepted, refused, preserves = s.acceptValue(values, previous, now)
		reasons = append(reasons, refused...)
		mustPreserve = mustPreserve || preserves
		if accepted != nil {
			reading.Name = previous.Name
		}
	}
	if accepted == nil {
		reading.Envelope = s.settings.Policy.NewEnvelope(now)
		if len(reasons) > 0 {
			reading.Reason = reasons[0]
			reading.IsDead = !mustPreserve
		}
		return reading
	}
	reading.Envelope, reading.characters = accepted.envelope, accepted.characters
	if reading.Name != s.settings.Cookie.Name {
		reading.IsDue = mayMove // SPEC 13.7
		return reading
	}
	primary, ok := s.settings.Keyring.primaryPosition(now)
	reading.IsDue = s.settings.Policy.RenewalDue(accepted.envelope, now) ||
		ResealDue(accepted.envelope, ok && accepted.position > primary, now)
	return reading
}

type acceptedValue struct {
	envelope   Envelope
	position   int // of its key in the keyring
	characters int
}

// acceptValue is SPEC 11.4: the accepted value of one name, if any, and why the others were refused, in their order; and
// whether a value is to be preserved, or was left unread (SPEC 11.4.1).
func (s *Sessions) acceptValue(values []string, cookie Attributes, now int64) (*acceptedValue, []Reason, bool) {
	var best *acceptedValue
	var reasons []Reason
	mustPreserve := len(values) > maxJudged
	if mustPreserve {
		values = values[:maxJudged]
	}
	refuse := func(value string, reason Reason) {
		reasons = append(reasons, reason)
		mustPreserve = mustPreserve || reason.Preserves() || !isLikeToken(value)
	}
	opened := 0
	for _, value := range values {
		found, err := s.settings.Keyring.findBox(value, now)
		if err != nil {
			refuse(value, err.(Reason))
			continue
		}
		if opened == maxOpened {
			mustPreserve = true
			continue
		}
		opened++
		envelope, err := found.open(s.purposeOf(cookie), s.settings.Policy, now)
		if err != nil {
			refuse(value, err.(Reason))
		} else if best == nil || envelope.Issued > best.envelope.Issued {
			best = &acceptedValue{envelope, found.position, len(value)}
		}
	}
	return best, reasons, mustPreserve
}

// countsAsOurs is SPEC 12.9: all other values of a previous name belong to other software.
func countsAsOurs(values []string) bool {
	for _, value := range values {
		if isLikeToken(value) {
			return true
		}
	}
	return len(values) > maxJudged
}
