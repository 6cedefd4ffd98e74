"""The demonstration: one session over an ASGI part and a WSGI part. Start it with: python -m cookiejar_session demo.

app.py puts the two parts together, asgi_part.py and wsgi_part.py answer requests, forms.py is what they do to the
session, pages.py is what they show, serve.py starts the server.
"""
