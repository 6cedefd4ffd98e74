"""Session interfaces of frameworks: one module or folder for each framework.

An application imports only the module of its own framework.
"""
