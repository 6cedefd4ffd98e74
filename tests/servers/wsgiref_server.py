"""Serves flask_app.py by the standard library's server, with its validator between server and application."""

import sys
from wsgiref.simple_server import make_server
from wsgiref.validate import validator

from flask_app import app

with make_server("127.0.0.1", int(sys.argv[1]), validator(app)) as server:
    server.serve_forever()
