"""Public rows as tests compare them, and changes as writers make them."""

from typing import Any

from sqlalchemy import text

from common.database.session import db
from common.text import deletions
from profiles.accounts.models import User
from profiles.models import TutorProfile, UserSettings
from profiles.public.models import public_revision
from profiles.public.rebuilding.rebuild_all import rebuild_all
from profiles.public.search.shared_terms import read_terms

MODELS = (User, TutorProfile, UserSettings)
POSTINGS = text("""
    select tutor_id, code, hourly_rate, experience_years, rating, languages, has_certifications,
        score, registered_us
    from public_tutor_subjects join public_subjects on id = subject_id order by tutor_id, code""")


ROWS = text(
    """
    select * from public_tutors left join public_search search using (tutor_id) order by tutor_id"""
)


def everything_public() -> tuple[list[Any], list[Any]]:
    """All public rows and all postings, without the numbers that subjects happen to have."""
    rows = db.session.execute(ROWS).all()
    postings = db.session.execute(POSTINGS).all()
    db.session.rollback()
    return [tuple(row) for row in rows], [tuple(posting) for posting in postings]


def stored_terms() -> dict[str, set[Any]]:
    """What public rows share, as stored: words, their spellings, and codes of subjects."""
    queries = {
        "words": "select word from public_words",
        "spellings": "select spelling || ' of ' || word from public_spellings",
        "codes": "select code from public_subjects",
    }
    found = {name: set(db.session.scalars(text(query))) for name, query in queries.items()}
    db.session.rollback()
    return found


def shown_terms() -> dict[str, set[Any]]:
    """The same as it ought to be: made of nothing but the rows as they are."""
    ids = list(db.session.scalars(text("select tutor_id from public_tutors")))
    shown = read_terms(db.session.connection(), ids)
    spellings = {f"{each} of {word}" for word in shown.words for each in deletions(word)}
    found = {"words": set(shown.words), "spellings": spellings, "codes": set(shown.codes)}
    db.session.rollback()
    return found


def row_of(tutor_id: int) -> dict[str, Any] | None:
    row = db.session.execute(
        text("select * from public_tutors where tutor_id = :id"), {"id": tutor_id}
    ).one_or_none()
    db.session.rollback()
    return None if row is None else row._asdict()


def revision() -> int:
    value = public_revision(db.session.connection())
    db.session.rollback()
    return value


def change(tutor: User, **values: Any) -> None:
    """Change one account, profile or setting as a writer does, and commit."""
    for name, value in values.items():
        model = next(model for model in MODELS if name in model.__mapper__.column_attrs)
        setattr(db.session.get_one(model, tutor.id), name, value)
    db.session.commit()


def rebuild_from_nothing() -> None:
    db.session.execute(text("delete from public_tutors"))
    db.session.commit()
    for _ in rebuild_all():
        pass
