"""One HTTP/1.1 request as it arrives in pieces: where its head and its body end.

Only the framing is read here (RFC 9112 §6); gunicorn's parser judges the rest. Whatever that parser
would refuse is called complete at once, so that it can do so.
"""

import re
from enum import Enum, auto

from common.http.middleware.host import named_client
from common.server.limits import LARGEST_HEAD, MOST_SMALL_CHUNKS, SMALL_CHUNK

LONGEST_CHUNK_LINE = 8192
END_OF_HEAD = b"\r\n\r\n"
RAW_OCTET = re.compile(rb"[\x80-\xff]")
DIGITS = re.compile(rb"[0-9]{1,18}")
ORIGIN = re.compile(rb"\r\norigin:[ \t]*([^\r\n]{1,300})", re.IGNORECASE)
ACCEPT_LANGUAGE = re.compile(rb"\r\naccept-language:[ \t]*([^\r\n]{1,1000})", re.IGNORECASE)
# With the line feeds that a head without an end may have for its lines.
REQUEST_ID = re.compile(rb"\nx-request-id:[ \t]*([^\r\n]{0,200}?)[ \t]*(?=\r?\n)", re.IGNORECASE)
FORWARDED_FOR = re.compile(rb"\r\nx-forwarded-for:[ \t]*([^\r\n]*)", re.IGNORECASE)
FRAMING_NAMES = (b"content-length", b"transfer-encoding", b"expect")
HEX_DIGITS = re.compile(rb"[0-9A-Fa-f]{1,15}")


class Stage(Enum):
    """How much of a request has arrived."""

    EMPTY = auto()
    HEAD = auto()
    BODY = auto()
    COMPLETE = auto()
    # Where it ends is ambiguous; gunicorn's parser says what is wrong with it.
    MALFORMED = auto()
    # In a transfer coding besides chunked, which nothing here decodes.
    UNSUPPORTED_CODING = auto()
    # Longer than may be buffered; the application answers by its head alone.
    TOO_LARGE = auto()
    HEAD_TOO_LARGE = auto()


class RequestReader:
    """Collects the bytes of one request. `take()` gives them out; `rest` is what came behind."""

    def __init__(self, largest_body: int, received: bytes = b"") -> None:
        self.stage = Stage.EMPTY
        self.expects_continue = False
        self._largest_body = largest_body
        self._data = bytearray()
        self._scanned = 0
        # Where the head's last line ends; 0 until all of it has arrived.
        self._head_end = 0
        # Where the request ends, once that is known; a chunked one grows chunk by chunk.
        self._end = 0
        self._is_chunked = False
        self._in_trailers = False
        self._small_chunks = 0
        if received:
            self.feed(received)

    def __len__(self) -> int:
        return len(self._data)

    @property
    def is_over(self) -> bool:
        """Whether nothing more needs to be read before an answer can be given."""
        # Not as a set: an enumeration's members are hashed in Python.
        stage = self.stage
        return not (stage is Stage.EMPTY or stage is Stage.HEAD or stage is Stage.BODY)

    @property
    def origin(self) -> str:
        """The Origin header, as far as it has arrived; for answers that no view gives."""
        return self._header(ORIGIN)

    @property
    def accept_language(self) -> str:
        """The Accept-Language header, likewise."""
        return self._header(ACCEPT_LANGUAGE)

    @property
    def request_id(self) -> str:
        """The X-Request-ID header, likewise; empty where there are several, or its line is not whole."""
        end = self._head_end + len(b"\r\n") if self._head_end else LARGEST_HEAD
        found = REQUEST_ID.findall(self._data, 0, end)
        return found[0].decode("latin-1") if len(found) == 1 else ""

    def _header(self, pattern: re.Pattern[bytes]) -> str:
        found = pattern.search(self._data, 0, self._head_end or LARGEST_HEAD)
        return found[1].decode("latin-1") if found else ""

    def forwarded_for(self, hops: int) -> str:
        """Whom the outermost of so many trusted proxies names as its client; empty if none does, or
        the head has no end. What follows the head is the client's own word."""
        values = FORWARDED_FOR.findall(self._data, 0, self._head_end)
        return named_client(b",".join(values).decode("latin-1"), hops)

    @property
    def rest(self) -> bytes:
        """What followed the request on the connection: the beginning of the next one."""
        return bytes(self._data[self._end :]) if self.stage is Stage.COMPLETE else b""

    def feed(self, data: bytes) -> None:
        """Take in what the client has sent next."""
        self._data += data
        if self.stage is Stage.EMPTY:
            self.stage = Stage.HEAD
        if self.stage is Stage.HEAD:
            self._read_head()
        if self.stage is Stage.BODY:
            self._read_body()

    def take(self) -> bytes:
        """The request for a parser of HTTP, the address' raw octets percent-encoded.

        RFC 3986 knows no other octets than ASCII's in an address, and browsers encode them; command
        lines and simple clients send UTF-8 as it was typed.
        """
        request = bytes(self._data[: self._end]) if self._end else bytes(self._data)
        line, separator, others = request.partition(b"\r\n")
        if line.isascii():
            return request
        encoded = RAW_OCTET.sub(lambda octet: b"%%%02X" % octet[0][0], line)
        return encoded + separator + others

    def _read_head(self) -> None:
        if self._data.startswith(b"\r\n"):
            # RFC 9112 §2.2: one empty line before a request is to be ignored.
            self._scanned = max(self._scanned, 2)
        end = self._data.find(END_OF_HEAD, max(0, self._scanned - 3))
        scanned_to = len(self._data) if end < 0 else end
        if end > LARGEST_HEAD or end < 0 and len(self._data) > LARGEST_HEAD:
            self.stage = Stage.HEAD_TOO_LARGE
        elif self._has_bare_line_feed(scanned_to):
            self._give_up()
        elif end >= 0:
            self._head_end = end
            self._end = end + len(END_OF_HEAD)
            self._read_framing(bytes(self._data[:end]))
        self._scanned = scanned_to

    def _has_bare_line_feed(self, end: int) -> bool:
        """Whether a line of the head ends without a carriage return: that head has no end."""
        feeds = self._data.count(b"\n", self._scanned, end)
        return feeds != self._data.count(b"\r\n", max(0, self._scanned - 1), end)

    def _read_framing(self, head: bytes) -> None:
        lower = head.lower()
        if not any(name in lower for name in FRAMING_NAMES):
            self.stage = Stage.COMPLETE
            return
        lengths, codings = [], []
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            name, value = name.strip().lower(), value.strip()
            if name == b"content-length":
                lengths.append(value)
            elif name == b"transfer-encoding":
                codings.append(value.lower())
            elif name == b"expect":
                self.expects_continue = value.lower() == b"100-continue"
        if codings == [b"chunked"] and not lengths:
            self._is_chunked = True
            self.stage = Stage.BODY
        elif not codings and len(lengths) == 1 and DIGITS.fullmatch(lengths[0]):
            self._end += int(lengths[0])
            self.stage = Stage.BODY
            if int(lengths[0]) > self._largest_body:
                self._refuse()
        elif not lengths and _is_coded_below_chunks(codings):
            self._end, self.stage = 0, Stage.UNSUPPORTED_CODING
        elif codings or lengths:
            self._give_up()
        else:
            self.stage = Stage.COMPLETE

    def _read_body(self) -> None:
        while self._is_chunked and self.stage is Stage.BODY and len(self._data) > self._end:
            if not self._read_chunk():
                break
        if not self._is_chunked and len(self._data) >= self._end:
            self.stage = Stage.COMPLETE
        elif self.stage is Stage.BODY and len(self._data) > self._largest_body + LARGEST_HEAD:
            self._refuse()

    def _refuse(self) -> None:
        self._end, self.stage = 0, Stage.TOO_LARGE

    def _give_up(self) -> None:
        self._end, self.stage = 0, Stage.MALFORMED

    def _read_chunk(self) -> bool:
        """Move the end behind the next chunk; False while its size, or the trailer, is incomplete.

        A trailer section ends with an empty line; it is short, and so looked through anew.
        """
        if self._data[self._end - 2 : self._end] != b"\r\n":
            # The bytes of a chunk end elsewhere than its size says.
            self._give_up()
            return False
        line_end = self._data.find(b"\r\n", self._end)
        if line_end < 0:
            if len(self._data) - self._end > LONGEST_CHUNK_LINE:
                self._give_up()
            return False
        if line_end - self._end >= LONGEST_CHUNK_LINE:
            # As if it had come in pieces.
            self._give_up()
            return False
        line = bytes(self._data[self._end : line_end])
        if b"\n" in line or b"\r" in line:
            # Others on the way may take either for the end of the line (RFC 9112 §2.2).
            self._give_up()
            return False
        if self._in_trailers:
            self._end = line_end + 2
            if not line:
                self.stage = Stage.COMPLETE
            return not line or self._may_be_small()
        digits = line.partition(b";")[0].strip(b" \t")
        if not HEX_DIGITS.fullmatch(digits):
            self._give_up()
            return False
        size = int(digits, 16)
        if size < SMALL_CHUNK and not self._may_be_small():
            return False
        self._in_trailers = size == 0
        self._end = line_end + 2 + (size + 2 if size else 0)
        return True

    def _may_be_small(self) -> bool:
        """Count a chunk of a few bytes, or a line of the trailer; False where there were too many."""
        self._small_chunks += 1
        if self._small_chunks > MOST_SMALL_CHUNKS:
            self._give_up()
        return self._small_chunks <= MOST_SMALL_CHUNKS


def _is_coded_below_chunks(codings: list[bytes]) -> bool:
    """Whether a Transfer-Encoding lists further codings and then `chunked`, once (RFC 9112 §6.1)."""
    *others, last = (each.strip(b" \t") for each in b",".join(codings).split(b","))
    return last == b"chunked" and others != [] and not {b"", b"chunked"} & set(others)
