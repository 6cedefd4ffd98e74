"""The wire format: MessagePack profile, envelope, time rules, sealing and opening of tokens (SPEC 2 and 5 to 9)."""
