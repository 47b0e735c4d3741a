"""Files as objects of a bucket, which is spoken to by S3: Amazon's, SeaweedFS, MinIO, Ceph and others."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import structlog
from obstore.exceptions import BaseError
from obstore.store import S3Store

from common.stores.store import StoredFile

log = structlog.get_logger()

# A call ends within these, whatever the server does.
CONNECT_TIMEOUT = timedelta(seconds=1)
CALL_TIMEOUT = timedelta(seconds=4)
RETRIES: Any = {
    "max_retries": 1,
    "retry_timeout": CALL_TIMEOUT,
    "backoff": {
        "init_backoff": timedelta(milliseconds=50),
        "max_backoff": timedelta(seconds=1),
    },
}
# After a failure the server is left alone for so long, so that not every request waits for it.
PAUSE_SECONDS = 2.0
DEFAULT_REGION = "us-east-1"
PROBED = "probe"


class BucketStore:
    """The objects of a bucket under a prefix. Credentials are read as every AWS tool reads them, such as
    from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.

    The library's threads belong to the process that makes the first call: a server forks before that.
    """

    def __init__(
        self,
        bucket: str,
        prefix: str,
        endpoint: str | None = None,
        region: str | None = None,
    ) -> None:
        self._address = {"bucket": bucket, "prefix": prefix or None}
        self._options: dict[str, Any] = {"region": region or DEFAULT_REGION}
        if endpoint:
            self._options["endpoint"] = endpoint
        self._is_plain_http = (endpoint or "").startswith("http://")
        self._client: S3Store | None = None
        self._skip_until = 0.0

    def put(self, name: str, content: bytes) -> None:
        with self._server() as server:
            server.put(name, content)

    def get(self, name: str) -> bytes:
        with self._server() as server:
            return server.get(name).bytes().to_bytes()

    def delete(self, name: str) -> None:
        with self._server() as server:
            try:
                server.delete(name)
            except FileNotFoundError:
                pass

    def files(self, folder: str) -> Iterator[StoredFile]:
        with self._server() as server:
            for batch in server.list(folder):
                for each in batch:
                    written_at = each["last_modified"].timestamp()
                    yield StoredFile(each["path"], each["size"], written_at)

    def state(self) -> str:
        try:
            self.get(PROBED)
        except FileNotFoundError:
            return "ok"
        except OSError:
            return "away"
        return "ok"

    @contextmanager
    def _server(self) -> Iterator[S3Store]:
        """The client; its failures, but for a missing object, become an OSError and are remembered."""
        if time.monotonic() < self._skip_until:
            raise ConnectionError("the object store has failed a moment ago")
        try:
            if self._client is None:
                self._client = self._connect()
            yield self._client
        except FileNotFoundError:
            raise
        except (BaseError, OSError, ValueError) as error:
            self._skip_until = time.monotonic() + PAUSE_SECONDS
            # Its text quotes names of objects.
            log.warning("object store away", error=type(error).__name__)
            raise ConnectionError("the object store does not answer as it should") from None

    def _connect(self) -> S3Store:
        return S3Store(
            self._address["bucket"],
            prefix=self._address["prefix"],
            client_options={
                "allow_http": self._is_plain_http,
                "connect_timeout": CONNECT_TIMEOUT,
                "timeout": CALL_TIMEOUT,
            },
            retry_config=RETRIES,
            **self._options,
        )
