"""A page of filters and an ordering without words, and the count of all matches."""

from common.http.pagination import Position
from marketplace.listing.query import COUNTED_UP_TO, TutorQuery
from marketplace.listing.statements import Statement
from marketplace.listing.statements.cards import CARD
from marketplace.listing.statements.filters import source_of
from profiles.public.models import REVISION


def filtered_statement(query: TutorQuery, position: Position | None, limit: int) -> Statement:
    """The statement and its values.

    The first thousand matches and one more are walked for the count, and a page within them
    comes from there. Only when there are more, so that a page may lie beyond, is the index
    entered a second time, at the cursor: filters that few tutors pass cost one walk, not two.
    """
    source = source_of(query)
    values = {**source.values, "cap": COUNTED_UP_TO + 1, "limit": limit}
    keys = nearest = ", ".join(source.keys)
    page = f"select * from matches order by {keys} limit %(limit)s"
    if position is not None:
        place = {f"at_{number}": value for number, value in enumerate(position.key)}
        values |= place
        side = "<" if position.backward else ">"
        beyond = f"({keys}) {side} ({', '.join(f'%({name})s' for name in place)})"
        if position.backward:
            nearest = ", ".join(f"{key} desc" for key in source.keys)
        page = f"""
            (select * from matches where {beyond} and (select n from counted) < %(cap)s
             order by {nearest} limit %(limit)s)
            union all
            {source.walk(nearest, "%(limit)s", f"{beyond} and (select n from counted) = %(cap)s")}
        """
    statement = f"""
        with matches as materialized {source.walk(keys, "%(cap)s")},
        counted as materialized (select count(*)::int as n from matches),
        page as materialized ({page})
        select n, ({REVISION}), {CARD}, {keys} from counted left join page on true
        order by {nearest}
    """
    return statement, values
