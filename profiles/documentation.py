"""What the OpenAPI document's front page says of subjects, made of the catalogue."""

from common.docs import Table
from profiles.subjects import SUBJECTS, label

LANGUAGES = ("uk", "en", "pl")


def tables() -> list[Table]:
    """The codes of subjects, each with its name in every language."""
    rows = [(f"`{code}`", *(label(code)[language] for language in LANGUAGES)) for code in SUBJECTS]
    return [Table("Subject codes", ("`subject`", *LANGUAGES), rows)]
