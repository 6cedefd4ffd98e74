"""A framework's own sessions over an exchange: one module for each framework, imported by its users only."""
