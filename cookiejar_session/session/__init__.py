"""The session of one visitor: its content, flash messages, CSRF tokens, size, and the choice among cookies."""
