"""A framework's own sessions over an exchange: a module or folder for each framework, imported by its users only."""
