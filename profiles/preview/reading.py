"""Reads a tutor's values and draft in one statement, and applies the one to the other."""

from typing import Any

from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import psycopg2

from common.database.session import read_rows
from common.http.problems.codes import ProblemCode
from common.http.problems.errors import NotFound
from common.translation import lazy_gettext
from profiles.accounts.models import User
from profiles.editing.fields.names import FIELD_AT
from profiles.editing.profile.document import to_sections
from profiles.editing.profile.values import from_sections
from profiles.editing.validation import validate_sections
from profiles.models import ProfileDraft
from profiles.public.privacy import VALUE_COLUMNS, ProfileValues
from profiles.public.rebuilding.rebuild import PROFILE_VALUES

TUTOR = "tutor"
_READ = (
    PROFILE_VALUES.add_columns(ProfileDraft.data)
    .outerjoin(ProfileDraft, ProfileDraft.user_id == User.id)
    .where(User.id == bindparam("user_id"), User.role == bindparam("role"))
)
# Sent to the driver as text, as the reading of a profile is.
READ_VALUES_AND_DRAFT = str(_READ.compile(dialect=psycopg2.dialect()))


def read_values(user_id: int, *, with_draft: bool = False) -> ProfileValues:
    """A tutor's values as published, or as publishing the draft would leave them.

    Without a draft both are the same. Raises NotFound for anybody but a tutor, and Invalid, as
    the publication would, where the draft can't be published.
    """
    rows = read_rows(READ_VALUES_AND_DRAFT, {"user_id": user_id, "role": TUTOR})
    if not rows:
        raise NotFound(
            lazy_gettext("Only tutors have a public profile."), code=ProblemCode.NO_PUBLIC_PROFILE
        )
    *stored, draft = rows[0]
    published = dict(zip(VALUE_COLUMNS, stored, strict=True))
    return published | _drafted(draft) if with_draft else published


def _drafted(draft: Any) -> dict[str, Any]:
    """The values of a stored draft as they would be stored, as far as public rows are made of them."""
    sections = to_sections(from_sections(TUTOR, draft))
    columns = {
        FIELD_AT[path].column: value for path, value in validate_sections(TUTOR, sections).items()
    }
    return {name: columns[column] for name, column in VALUE_COLUMNS.items() if column in columns}
