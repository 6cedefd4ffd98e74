"""Session interfaces of frameworks: one module or folder for each framework. Only its users import it."""
