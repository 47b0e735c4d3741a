"""The address of a store, as MEDIA_URL has it."""

from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

EXPECTED = "must be file:///a/folder or s3://bucket/prefix?endpoint=https://…&region=…"
OPTIONS = {"endpoint", "region"}


class StoreAddress(NamedTuple):
    """A folder of this machine, or a bucket with what else is needed to reach it."""

    folder: Path | None
    bucket: str = ""
    prefix: str = ""
    endpoint: str | None = None
    region: str | None = None


def parse_address(url: str) -> StoreAddress:
    """Raises ValueError with what would be right; the message quotes nothing of the address."""
    if not url.isprintable():
        raise ValueError("must not contain control characters")
    parts = urlsplit(url.strip())
    if parts.scheme == "file":
        folder = unquote(parts.path)
        if parts.netloc not in ("", "localhost") or parts.query or not folder.startswith("/"):
            raise ValueError(EXPECTED)
        return StoreAddress(Path(folder))
    if parts.scheme != "s3" or not parts.hostname or parts.port or parts.fragment:
        raise ValueError(EXPECTED)
    if parts.username or parts.password:
        raise ValueError(
            "must not contain credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        )
    return _bucket(parts.netloc, unquote(parts.path).strip("/"), parts.query)


def _bucket(bucket: str, prefix: str, query: str) -> StoreAddress:
    pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    options = dict(pairs)
    if len(pairs) != len(options) or set(options) - OPTIONS or not all(options.values()):
        raise ValueError(EXPECTED)
    endpoint = options.get("endpoint")
    if endpoint and urlsplit(endpoint).scheme not in ("http", "https"):
        raise ValueError(EXPECTED)
    return StoreAddress(None, bucket, prefix, endpoint, options.get("region"))
