"""The field of a request's body that holds a token."""

from typing import Any

from common.http.schemas.fields import OpaqueToken

# Far more than a token has.
LONGEST_TOKEN = 4096


class MailedToken(OpaqueToken):
    """A token as it came by mail."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max=LONGEST_TOKEN, **kwargs)
        self.metadata = {
            "description": "From the link in the mail, where it stands behind `#token=`.",
            **self.metadata,
        }
