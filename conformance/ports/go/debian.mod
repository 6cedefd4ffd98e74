// go.mod with the libraries of Debian's golang-golang-x-crypto-dev: builds without a network (-modfile=debian.mod).
module github.com/cookiejar-session/cookiejar-session/conformance/ports/go

go 1.19

require golang.org/x/crypto v0.4.0

require golang.org/x/sys v0.3.0 // indirect

replace (
	golang.org/x/crypto => /usr/share/gocode/src/golang.org/x/crypto
	golang.org/x/sys => /usr/share/gocode/src/golang.org/x/sys
)
