package cookiejar

import "errors"

const (
	clockDifference = 60  // SPEC 9.2
	resealWait      = 300 // SPEC 9.6
)

// Policy is the lifetimes and ceilings that the operator sets, in whole seconds (SPEC 9.8).
type Policy struct {
	// Of a new session.
	IdleTimeout, AbsoluteLifetime int64
	Persistent                    bool
	// RenewAfter, if not zero, renews a session that often, where a tenth of its idle timeout is longer.
	RenewAfter int64
	// LongestIdle and LongestLifetime, if not zero, are the ceilings on what a token brings with it.
	LongestIdle, LongestLifetime int64
	// NotBefore, if not zero, is a time: sessions created earlier are revoked.
	NotBefore int64
}

// DefaultPolicy is the one that the Python package has too: 14 days idle, 90 days at most.
func DefaultPolicy() Policy {
	return Policy{IdleTimeout: 1209600, AbsoluteLifetime: 7776000, Persistent: true}
}

// NewEnvelope begins a session (SPEC 13.1).
func (p Policy) NewEnvelope(now int64) Envelope {
	e := Envelope{
		Created:    now,
		Issued:     now,
		Idle:       p.IdleTimeout,
		Until:      now + p.AbsoluteLifetime,
		Persistent: p.Persistent,
		Data:       make(map[string]any),
	}
	draw(e.SID[:])
	return e
}

// Lower applies the ceilings (SPEC 9.4).
func (p Policy) Lower(e Envelope) Envelope {
	if p.LongestIdle != 0 {
		e.Idle = min(e.Idle, p.LongestIdle)
	}
	// A lifetime is compared, not an end, which a ceiling near 2^63 would overflow.
	if p.LongestLifetime != 0 && e.Until-e.Created > p.LongestLifetime {
		e.Until = e.Created + p.LongestLifetime
	}
	return e
}

// Judge gives NotYetValid, Expired, Revoked or nil for an envelope that was lowered (SPEC 8.2 steps 13 to 15).
func (p Policy) Judge(e Envelope, now int64) error {
	switch {
	case e.Issued > now+clockDifference:
		return NotYetValid
	case max(now, e.Issued) >= e.Expires():
		return Expired
	case e.Created < p.NotBefore:
		return Revoked
	}
	return nil
}

// RenewalDue tells whether a session, lowered and accepted, is to be sealed again to restart its idle timeout (SPEC
// 9.5).
func (p Policy) RenewalDue(e Envelope, now int64) bool {
	wait := e.Idle / 10
	if p.RenewAfter != 0 {
		wait = min(wait, p.RenewAfter)
	}
	return now-e.Issued >= max(1, wait)
}

// ResealDue tells whether a session whose key stands behind the primary is to be sealed again (SPEC 9.6). There is no
// older version than 1.
func ResealDue(e Envelope, behindPrimary bool, now int64) bool {
	return behindPrimary && now-e.Issued >= resealWait
}

func (p Policy) check() error {
	if p.IdleTimeout < 1 || p.IdleTimeout > maxIdle || p.AbsoluteLifetime < 1 || p.AbsoluteLifetime > maxTime {
		return errors.New("cookiejar: policy needs IdleTimeout and AbsoluteLifetime; begin with DefaultPolicy()")
	}
	if p.RenewAfter < 0 || p.LongestIdle < 0 || p.LongestLifetime < 0 || p.NotBefore < 0 {
		return errors.New("cookiejar: policy has a negative duration or time")
	}
	return nil
}

// stamp is SPEC 7.2 step 2.
func (e Envelope) stamp(now int64) Envelope {
	e.Issued = max(now, max(e.Created, e.Issued))
	return e
}
