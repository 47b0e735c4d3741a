"""Cards by id, and as the last step of a page."""

from collections.abc import Sequence

from common.database.connections.connection import AS_BYTES

READ_CARD = f"select card::{AS_BYTES}, etag from public_tutors where tutor_id = %(tutor_id)s"
# A tutor's card after its hash, as one value in bytes.
HASHED_CARD = f"(etag || card)::{AS_BYTES} as card"
# The same for a row of `page`; a subselect keeps the order of the page.
CARD = (
    f"(select {HASHED_CARD} from public_tutors tutor where tutor.tutor_id = page.tutor_id) as card"
)


def with_cards(page: str, keys: Sequence[str]) -> str:
    """The rows of `page`, each as its card followed by its keys."""
    return f"select {CARD}, {', '.join(keys)} from ({page}) page"
