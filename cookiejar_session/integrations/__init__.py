"""One module or folder for each framework: the framework's own session interface over an exchange.

Each needs the extra of its name (``cookiejar-session[django]``) and is imported by its users only.
"""
