"""Keys: key derivation, key text, and the keyring of up to 16 keys (SPEC 3 and 4)."""
