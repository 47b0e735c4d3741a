"""Conditional requests (RFC 9110 §13): ETag, If-None-Match, If-Match."""

import re
from hashlib import blake2b
from typing import Any, NamedTuple

from flask import Response, request

from common.http.problems.codes import ProblemCode
from common.http.problems.errors import BadRequest, PreconditionFailed
from common.translation import lazy_gettext, lazy_ngettext

REVALIDATE = "no-cache"
# Of If-Match and If-None-Match, which may list a few tags; ours have forty characters.
LONGEST_CONDITION = 1024
ETAG_CHARACTERS = 32
# Their conditions are judged once it is known that the caller may write, see blueprint.py.
WRITES = {"POST", "PUT", "PATCH", "DELETE"}
CONDITIONS = (("If-Match", "HTTP_IF_MATCH"), ("If-None-Match", "HTTP_IF_NONE_MATCH"))
# RFC 9110 §8.8.3. Lists may hold empty elements (§5.6.1). Possessive, as empty elements could be divided
# in exponentially many ways.
_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*+"'
TAGS = re.compile(rf"[ \t,]*+{_TAG}[ \t]*+(?:,[ \t,]*+(?:{_TAG}[ \t]*+)?)*+")
# Both as one pattern of ASCII, for those who read the documentation by machine.
CONDITION_PATTERN = r'^(\*|(W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*")*)$'
OPAQUE = re.compile(r'"([^"]*)"')
# What compressing intermediaries add to a tag: Apache "-gzip", Jetty "--gzip", others ";br".
ENCODING_MARK = re.compile(r"(?:--?|;|:)(?:gzip|br|zstd|deflate)$")


class Condition(NamedTuple):
    """The tags that an If-Match or If-None-Match names, without their marks; `*` is `any_tag`."""

    any_tag: bool
    tags: frozenset[str]

    def names(self, etag: str) -> bool:
        return self.any_tag or etag in self.tags


def strong_etag(*parts: bytes | str | int) -> str:
    """A validator that depends on `parts` alone; quoted-string content, without the quotes."""
    digest = blake2b(digest_size=ETAG_CHARACTERS // 2)
    for part in parts:
        raw = part if isinstance(part, bytes) else str(part).encode()
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()


def read_condition(value: str) -> Condition:
    """Parse an If-Match or If-None-Match. Raises ValueError when it breaks the grammar.

    Weak tags count as strong ones. A tag here is a hash of the content, and what weakens it on the
    way is an intermediary that compresses; a client that sends it back means this very content.
    """
    if value.strip() == "*":
        return Condition(True, frozenset())
    if not TAGS.fullmatch(value):
        raise ValueError("not a list of entity tags")
    return Condition(False, frozenset(ENCODING_MARK.sub("", tag) for tag in OPAQUE.findall(value)))


def etag_holds(etag: str, environ: dict[str, Any] | None = None) -> bool:
    """Whether If-None-Match (of the present request, or of another's environment) names `etag`.

    On a read a malformed one is as good as none: the answer is then sent in full.
    """
    environ = request.environ if environ is None else environ
    raw = environ.get("HTTP_IF_NONE_MATCH")
    if raw is None or raw == f'"{etag}"':
        return raw is not None
    try:
        return read_condition(raw).names(etag)
    except ValueError:
        return False


def not_modified(etag: str) -> Response | None:
    """A 304 with its ETag when the client's copy still holds, else None."""
    if not etag_holds(etag):
        return None
    return with_etag(Response(status=304), etag)


def with_etag(response: Response, etag: str, cache_control: str = REVALIDATE) -> Response:
    """Add a strong ETag and a Cache-Control to a response."""
    response.headers["ETag"] = f'"{etag}"'
    response.headers["Cache-Control"] = cache_control
    return response


def check_condition_headers(environ: dict[str, Any], method: str) -> None:
    """Refuse conditions that are too long, or on a write malformed: there a condition that can't
    be read must not count as absent. Raises BadRequest."""
    for name, key in CONDITIONS:
        value = environ.get(key)
        if value is None:
            continue
        if len(value) > LONGEST_CONDITION:
            raise BadRequest(
                lazy_ngettext(
                    "{name} is longer than {characters} character.",
                    "{name} is longer than {characters} characters.",
                    "characters",
                    name=name,
                    characters=LONGEST_CONDITION,
                ),
                code=ProblemCode.MALFORMED_HEADER,
            )
        if name == "If-Match" or method in WRITES:
            try:
                read_condition(value)
            except ValueError:
                raise BadRequest(
                    lazy_gettext(
                        '{name} must be "*" or a list of entity tags in quotation marks.',
                        name=name,
                    ),
                    code=ProblemCode.MALFORMED_HEADER,
                ) from None


def check_preconditions(etag: str | None, current: Any = None) -> None:
    """Refuse a write whose If-Match or If-None-Match does not hold (RFC 9110 §13.2.2).

    `etag` is None when the resource does not exist. Raises PreconditionFailed, carrying
    `current` (the resource as it now is) for the client to merge with.
    """
    must_match = request.environ.get("HTTP_IF_MATCH")
    must_not_match = request.environ.get("HTTP_IF_NONE_MATCH")
    holds = True
    if must_match is not None:
        holds = etag is not None and read_condition(must_match).names(etag)
    if must_not_match is not None:
        holds = holds and (etag is None or not read_condition(must_not_match).names(etag))
    if not holds:
        raise PreconditionFailed(
            lazy_gettext(
                "The resource has changed since you read it; read it again before you write."
            ),
            **({} if current is None else {"current": current}),
        )
