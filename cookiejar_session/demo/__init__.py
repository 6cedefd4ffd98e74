"""The demonstration server: an ASGI and a WSGI application that share one session.

Start it with ``python -m cookiejar_session demo``. Read the modules in this order:

- app.py combines the two applications. asgi_part.py and wsgi_part.py answer requests.
- forms.py changes the session when a visitor sends a form. content.py reads the data that the forms stored.
- stage.py holds what both applications share. rotation.py holds the keys, journal.py the latest events of each session.
- pages.py renders the HTML: controls.py the forms, inspection.py the contents of the cookie. anatomy.py decodes the
  cookie. drawing.py and moments.py render bars and times.
- serve.py starts the server. event_log.py prints events on the terminal.

A real application needs code like that of the first five modules. The other modules only show how sessions work.
"""
