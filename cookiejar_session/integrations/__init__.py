"""Session interfaces of frameworks, one module each; imported by their users only."""
