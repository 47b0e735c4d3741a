"""What stands between the socket and the WSGI application: gunicorn's worker, which reads requests
in full before they occupy a thread, in worker.py, and its parts by what they deal with. No view,
no rule of a domain."""
