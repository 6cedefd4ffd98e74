"""The demonstration: one session over an ASGI part and a WSGI part. Start it with: python -m cookiejar_session demo.

Read it in this order: app.py puts the two parts together, asgi_part.py and wsgi_part.py answer requests, forms.py is
what they do to the session and content.py what they keep there. stage.py holds what both share, with rotation.py for
the keys and journal.py for what responses did. pages.py is what they show: controls.py the forms, inspection.py the
cookie that anatomy.py takes apart, with drawing.py and moments.py. serve.py starts the server, event_log.py writes to
its terminal. An application needs the first five at most; the others are there to show how it works.
"""
