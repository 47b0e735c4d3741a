"""How search documents and public texts are stored: what is read often is not decompressed."""

import pytest
from sqlalchemy import text

from common.database.session import db
from profiles.public.search.models import TIERS
from tests.factories import make_tutor
from tests.profiles.public.public_rows import change

# Longer than a page's quarter, from which on PostgreSQL stores values aside.
LONG_BIO = " ".join(f"Readily repeated sentence number {number}." for number in range(45))
COMPRESSIONS = text("select pg_column_compression(words) from public_search")
STORAGES = text("""
    select attstorage::text from pg_attribute
    where attrelid = to_regclass(:table) and attname = 'words'""")
STATISTICS = text("select attname from pg_stats where tablename = :table")


def test_a_saved_document_is_stored_uncompressed(app):
    tutor = make_tutor(bio=LONG_BIO)
    assert db.session.scalars(COMPRESSIONS).all() == [None]
    change(tutor, bio=LONG_BIO + " And one more.")
    assert db.session.scalars(COMPRESSIONS).all() == [None]


@pytest.mark.parametrize("tier", TIERS)
def test_every_tier_stores_documents_uncompressed(app, tier):
    found = db.session.scalars(STORAGES, {"table": f"public_search_{tier}"}).all()
    assert found == ["e"]


@pytest.mark.parametrize(
    ("table", "compared", "shown"),
    [
        ("public_tutors", {"by_rate", "languages"}, {"card", "etag"}),
        ("tutor_profiles", {"user_id", "hourly_rate"}, {"bio", "headline", "certifications"}),
    ],
)
def test_only_columns_that_queries_compare_have_statistics(app, table, compared, shown):
    for number in range(3):
        make_tutor(
            bio=f"{LONG_BIO} {number}", headline=f"Number {number}", hourly_rate=100 + number
        )
    db.session.execute(text(f"analyze {table}"))
    known = set(db.session.scalars(STATISTICS, {"table": table}))
    assert known >= compared
    assert not known & shown
