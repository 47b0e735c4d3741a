"""A request whose body is all that the client meant to send, or refused."""

from functools import cached_property
from typing import IO, cast

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wsgi import LimitedStream


class WholeBodyRequest(Request):
    """A request for `Flask.request_class`.

    From a server that tells the end of bodies (`wsgi.input_terminated`), Werkzeug reads one up to the
    limit and takes that for all of it, and takes a body that ended early for a short one.
    """

    @cached_property
    def stream(self) -> IO[bytes]:
        """The body, to be read once.

        Raises RequestEntityTooLarge beyond `max_content_length` bytes, also while it is read, and then
        ClientDisconnected, which is a 400, where it ends before its declared length (RFC 9112 §8).
        """
        limit = self.max_content_length
        if limit is None or not self.environ.get("wsgi.input_terminated"):
            return super().stream
        length = self.content_length
        if length is None:
            body: LimitedStream = _UndeclaredBody(self.environ["wsgi.input"], limit, is_max=True)
        elif length > limit:
            raise RequestEntityTooLarge
        else:
            body = LimitedStream(self.environ["wsgi.input"], length)
        return cast(IO[bytes], body)


class _UndeclaredBody(LimitedStream):
    """A body of unknown length, as chunks are: what follows its limit is looked for, not left out."""

    def on_exhausted(self) -> None:
        if self._stream.read(1):
            raise RequestEntityTooLarge

    def readall(self) -> bytes:
        body = super().readall()
        if self.is_exhausted:
            self.on_exhausted()
        return body
