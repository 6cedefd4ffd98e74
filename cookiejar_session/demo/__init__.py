"""The demonstration server: an ASGI and a WSGI application that share one session.

Start it with ``python -m cookiejar_session demo``. Read the modules in this order:

- app.py combines the two applications. asgi_app.py and wsgi_app.py answer requests. two_apps.py names them.
- forms.py changes the session when a visitor sends a form. content.py reads the data that the forms stored.
- stage.py holds what both applications share: the sessions, the keys of rotating_keyring.py, and the latest requests of
  each session in journal.py.
- pages.py renders the HTML. controls.py renders what a visitor can do, and inspection.py renders the cookie and its
  contents. anatomy.py decodes the cookie. moments.py formats times. documentation.py links to the pages that explain
  a section.
- serve.py starts the server. event_log.py prints events on the terminal.

A real application needs code like app.py, asgi_app.py, wsgi_app.py, two_apps.py and forms.py. The other modules only
show how sessions work.
"""
