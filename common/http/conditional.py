"""Conditional requests (RFC 9110 §13): ETag, If-None-Match, If-Match."""

from hashlib import blake2b
from typing import Any

from flask import Request, Response, request

from common.http.errors import PreconditionFailed

REVALIDATE = "no-cache"
# Of If-Match and If-None-Match, which may list a few tags; ours have forty characters.
LONGEST_CONDITION = 1024
ETAG_CHARACTERS = 32


def strong_etag(*parts: bytes | str | int) -> str:
    """A validator that depends on `parts` alone; quoted-string content, without the quotes."""
    digest = blake2b(digest_size=ETAG_CHARACTERS // 2)
    for part in parts:
        raw = part if isinstance(part, bytes) else str(part).encode()
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()


def etag_holds(etag: str, environ: dict[str, Any] | None = None) -> bool:
    """Whether If-None-Match (of the present request, or of another's environment) names `etag`;
    weakly, since a compressing proxy weakens tags."""
    environ = request.environ if environ is None else environ
    raw = environ.get("HTTP_IF_NONE_MATCH")
    if raw is None or raw == f'"{etag}"':
        return raw is not None
    tags = Request(environ).if_none_match
    return bool(tags) and (tags.star_tag or tags.contains_weak(etag))


def not_modified(etag: str) -> Response | None:
    """A 304 with its ETag when the client's copy still holds, else None."""
    if not etag_holds(etag):
        return None
    return with_etag(Response(status=304), etag)


def with_etag(response: Response, etag: str, cache_control: str = REVALIDATE) -> Response:
    response.headers["ETag"] = f'"{etag}"'
    response.headers["Cache-Control"] = cache_control
    return response


def check_if_match(etag: str | None, current: Any = None) -> None:
    """Refuse a write whose If-Match no longer names the resource as it stands.

    `etag` is None when the resource does not exist. Raises PreconditionFailed, carrying
    `current` (the resource as it now is) for the client to merge with.
    """
    tags = request.if_match
    if not tags:
        return
    if etag is None:
        holds = False
    else:
        holds = tags.star_tag or tags.is_strong(etag)
    if not holds:
        raise PreconditionFailed(
            "The resource has changed since you read it; read it again before you write.",
            **({} if current is None else {"current": current}),
        )
