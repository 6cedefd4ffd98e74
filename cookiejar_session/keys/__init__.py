"""Keys: what is derived from one, how it is written, and the ring that holds several."""
