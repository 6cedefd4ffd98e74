"""Keys: what is derived from one, how it is written, and the keyring that holds up to 16 of them (SPEC 3 and 4)."""
