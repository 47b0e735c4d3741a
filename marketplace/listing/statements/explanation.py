"""Which class of the ranking each tutor of a page matches in, and which fields have the words."""

from collections.abc import Sequence

from common.text import query_clauses
from marketplace.listing.query import TutorQuery
from marketplace.listing.statements import Statement
from marketplace.listing.statements.words import relevance_classes
from profiles.public.search.document import WEIGHTS


def explanation_statement(query: TutorQuery, ids: Sequence[int]) -> Statement:
    """Rows (tutor's id, number of the class, fields that have a word of the query).

    A word of several parts (`online-lessons`) is looked for whole, and part by part where no field
    has all of it.
    """
    values: dict[str, object] = {"ids": list(ids)}
    cases = []
    for number, found in enumerate(relevance_classes(query.words)):
        values[f"class_{number}"] = found.tsquery
        cases.append(f"when words @@ %(class_{number})s::tsquery then {number}")
    any_word = " | ".join(query_clauses(query.words).required)
    values |= {"any_word": any_word, "any_part": any_word.replace(" & ", " | ")}
    statement = f"""
        select tutor_id, case {" ".join(cases)} end,
            coalesce(nullif({_fields_with("any_word")}, '{{}}'), {_fields_with("any_part")})
        from public_search where tutor_id = any(%(ids)s)"""
    return statement, values


def _fields_with(tsquery: str) -> str:
    """The names of the fields in which a tsquery is found."""
    names = (
        f"case when ts_filter(words, '{{{weight}}}') @@ %({tsquery})s::tsquery then '{field}' end"
        for field, weight in WEIGHTS.items()
    )
    return f"array_remove(array[{', '.join(names)}], null)"
