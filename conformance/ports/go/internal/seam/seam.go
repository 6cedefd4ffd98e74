// Package seam holds what makes sealing reproducible. Being internal, it is out of reach of any application and of any
// configuration (SPEC 4.6.1, 7.4); the adapter and the tests alone change it.
package seam

import (
	"crypto/rand"
	"io"
)

// Random is the secure random source of the operating system (SPEC 2.6, 4.3.1, 5.4, 14.2).
var Random io.Reader = rand.Reader

// TakesPublishedKeys lets a keyring hold keys that are published (SPEC 4.6).
var TakesPublishedKeys bool
