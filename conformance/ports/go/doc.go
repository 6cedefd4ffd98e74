// Package cookiejar seals and opens the encrypted cookie sessions of cookiejar-session, wire format v1.
//
// SPEC.md at the project's root is the authority; comments cite its clauses. All times are whole Unix seconds and all
// durations whole seconds (SPEC 1.8); nothing here reads a clock.
//
// Sessions is where an application begins: Sessions.Open gives the Session of a request, Session.Save keeps it. Keyring.Seal and Keyring.Open are the format alone, without HTTP.
package cookiejar
