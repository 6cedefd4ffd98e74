package cookiejar

// SPEC 11.4: opening costs, and no browser in use sends more values of one name.
const maxOpened = 4

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
	previous   map[string]bool // the previous names that had a value
}

// Read finds the session in the Cookie fields of a request (SPEC 11.4 to 11.6). It never fails: without a session that
// is accepted there is a new one.
func (s *Sessions) Read(fields []string, now int64) Reading {
	reading := Reading{now: now, previous: make(map[string]bool)}
	var reasons []Reason
	accepted, refused := s.acceptValue(fields, s.Cookie, now)
	reasons = append(reasons, refused...)
	mayMove := accepted == nil && !anyPreserves(refused)
	if accepted != nil {
		reading.Name = s.Cookie.Name
	}
	tried := map[string]bool{s.Cookie.Name: true}
	for _, previous := range s.Previous { // SPEC 11.5
		if tried[previous.Name] {
			continue
		}
		tried[previous.Name] = true
		reading.previous[previous.Name] = len(ScanCookies(fields, previous.Name)) > 0
		if accepted != nil {
			continue
		}
		accepted, refused = s.acceptValue(fields, previous, now)
		reasons = append(reasons, refused...)
		if accepted != nil {
			reading.Name = previous.Name
		}
	}
	if accepted == nil {
		reading.Envelope = s.Policy.NewEnvelope(now)
		if len(reasons) > 0 {
			reading.Reason = reasons[0]
			reading.IsDead = !anyPreserves(reasons)
		}
		return reading
	}
	reading.Envelope, reading.characters = accepted.envelope, accepted.characters
	if reading.Name != s.Cookie.Name {
		reading.IsDue = mayMove // SPEC 13.7
		return reading
	}
	primary, ok := s.Keyring.primaryPosition(now)
	reading.IsDue = s.Policy.RenewalDue(accepted.envelope, now) ||
		ResealDue(accepted.envelope, ok && accepted.position > primary, now)
	return reading
}

type acceptedValue struct {
	envelope   Envelope
	position   int // of its key in the keyring
	characters int
}

// acceptValue is SPEC 11.4: the accepted value of one name, if any, and why the others were refused, in their order.
func (s *Sessions) acceptValue(fields []string, cookie Attributes, now int64) (*acceptedValue, []Reason) {
	var best *acceptedValue
	var reasons []Reason
	opened := 0
	for _, value := range ScanCookies(fields, cookie.Name) {
		found, err := s.Keyring.findBox(value, now)
		if err != nil {
			reasons = append(reasons, err.(Reason))
			continue
		}
		if opened == maxOpened {
			continue
		}
		opened++
		envelope, err := found.open(s.purposeOf(cookie), s.Policy, now)
		if err != nil {
			reasons = append(reasons, err.(Reason))
		} else if best == nil || envelope.Issued > best.envelope.Issued {
			best = &acceptedValue{envelope, found.position, len(value)}
		}
	}
	return best, reasons
}

func anyPreserves(reasons []Reason) bool {
	for _, reason := range reasons {
		if reason.Preserves() {
			return true
		}
	}
	return false
}
