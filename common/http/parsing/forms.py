"""Takes multipart bodies apart, saying why where that fails."""

from contextlib import ExitStack
from typing import IO, Any

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

from common.http.problems.codes import ProblemCode
from common.http.problems.errors import BadRequest
from common.translation import lazy_gettext

NOT_WELL_FORMED = lazy_gettext(
    "The multipart body is not well formed: it must consist of named parts between the boundaries"
    " that the Content-Type names, and end with the closing one."
)
TOO_MANY_PARTS = lazy_gettext(
    "The form has too many parts or too much text, or lacks the boundary that its Content-Type"
    " names."
)
Parsed = tuple[IO[bytes], MultiDict, MultiDict]


class FormParser(FormDataParser):
    """A parser for `Request.form_data_parser_class`.

    To Werkzeug's own a malformed body is an empty form, and one of too many parts too large a body.
    """

    def parse(
        self,
        stream: IO[bytes],
        mimetype: str,
        content_length: int | None,
        options: dict[str, str] | None = None,
    ) -> Parsed:
        """The stream, the texts and the files; both empty where there is no body.

        Raises BadRequest, or RequestEntityTooLarge beyond `max_content_length` bytes.
        """
        make_file = self.stream_factory
        with ExitStack() as files:

            def open_file(*args: Any, **kwargs: Any) -> IO[bytes]:
                return files.enter_context(make_file(*args, **kwargs))

            self.stream_factory = open_file
            parsed = self._parse_strictly(stream, mimetype, content_length, options)
            # From here on they are the request's to close.
            files.pop_all()
        return parsed

    def _parse_strictly(self, stream: IO[bytes], *described: Any) -> Parsed:
        self.silent = False
        try:
            parsed = super().parse(stream, *described)
        except RequestEntityTooLarge:
            if self.max_content_length is not None and stream.tell() >= self.max_content_length:
                raise
            raise BadRequest(TOO_MANY_PARTS, code=ProblemCode.MALFORMED_FORM) from None
        except ValueError:
            if stream.tell() == 0 and not stream.read(1):
                return stream, self.cls(), self.cls()
            raise BadRequest(NOT_WELL_FORMED, code=ProblemCode.MALFORMED_FORM) from None
        if None in parsed[1] or None in parsed[2]:
            raise BadRequest(NOT_WELL_FORMED, code=ProblemCode.MALFORMED_FORM)
        return parsed
