"""What stands between the socket and the WSGI application: gunicorn's worker, which reads requests
in full before they occupy a thread, and the answers to those that are malformed. No view, no rule
of a domain."""
