"""A WSGI application that fails without an answer, as ours never should."""

from common.server.connections.malformed_requests import answer_with_problems

answer_with_problems()


def app(environ, start_response):
    if environ["PATH_INFO"] != "/healthz":
        raise RuntimeError("secret-value-in-the-message")
    start_response("200 OK", [("Content-Length", "0")])
    return [b""]
