"""Where one public value comes from and what opens it; which values there are, `privacy` declares."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy.orm import InstrumentedAttribute

from profiles.accounts.fields.text import looks_blank

Column = InstrumentedAttribute[Any]
# One tutor's stored values, by the names of the model's attributes.
ProfileValues = Mapping[str, Any]
Reader = Callable[[ProfileValues], Any]


@dataclass(frozen=True)
class Origin:
    """Where a public value comes from, what opens it, and what it feeds once it is public."""

    sources: tuple[Column, ...]
    # The owner's switch; ALWAYS for what every listed tutor shows.
    flag: Column | None
    # A stored truth without which the value stays hidden, whatever the switch says.
    condition: Column | None
    to_public: Callable[..., Any]
    # The marks its words have in the search document; None: it can't be searched.
    marks: str | None
    # The column of the public row that lists are filtered and ordered by, and its value there.
    column: str | None
    to_column: Callable[[Any], Any]

    @property
    def opened_by(self) -> tuple[Column, ...]:
        """The columns that must all be true for the value to be public."""
        return tuple(column for column in (self.flag, self.condition) if column is not None)

    # Read for every field of every card: what each would look up is looked up once.
    @cached_property
    def read(self) -> Reader:
        """Gives the value as the public sees it; None when it is unset, and just so when it is hidden."""
        opened_by = [column.key for column in self.opened_by]
        read_unhidden = self.read_unhidden
        if not opened_by:
            return read_unhidden

        def read_if_open(profile_values: ProfileValues) -> Any:
            for name in opened_by:
                if not profile_values[name]:
                    return None
            return read_unhidden(profile_values)

        return read_if_open

    @cached_property
    def read_unhidden(self) -> Reader:
        """Gives the value as it would be shown, whatever the flag says: for the owner's eyes only."""
        names = [column.key for column in self.sources]
        first, to_public = names[0], self.to_public

        def read_one(profile_values: ProfileValues) -> Any:
            value = to_public(profile_values[first])
            return None if isinstance(value, str) and looks_blank(value) else value

        def read_several(profile_values: ProfileValues) -> Any:
            value = to_public(*[profile_values[name] for name in names])
            return None if isinstance(value, str) and looks_blank(value) else value

        return read_one if len(names) == 1 else read_several
