"""The field of a request's body that holds a token."""

from typing import Any

from common.http.fields import Text

# Far more than a token has: also what is no token has the one answer of all that do not work.
LONGEST_TOKEN = 4096


class MailedToken(Text):
    """A token as it came by mail. What is no token is refused later, as an unknown one is."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max=LONGEST_TOKEN, required=True, load_only=True, **kwargs)
        self.metadata = {
            "description": "From the link in the mail, where it stands behind `#token=`.",
            **self.metadata,
        }
