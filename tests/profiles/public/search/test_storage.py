"""How search documents and public texts are stored: what is read often is not decompressed."""

import pytest
from sqlalchemy import text

from common.database.session import db
from profiles.public.rebuilding.rebuild import rebuild
from profiles.public.search.filter_lexemes import price_lexemes
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


# Not reported yet, and so of earlier transactions, too.
HOT_UPDATES = text("""
    select sum(pg_stat_get_xact_tuples_hot_updated(inhrelid))::int from pg_inherits
    where inhparent = 'public_search'::regclass""")


def hot_updates_of(tutor, **values):
    """How many search rows a change updates that are not entered into indexes anew; rolled back."""
    connection = db.session.connection()
    before = connection.scalar(HOT_UPDATES)
    for name, value in values.items():
        statement = text(f"update tutor_profiles set {name} = :value where user_id = :id")
        connection.execute(statement, {"value": value, "id": tutor.id})
    rebuild(connection, [tutor.id])
    after = connection.scalar(HOT_UPDATES)
    db.session.rollback()
    return after - before


def test_a_document_that_stays_is_not_entered_into_the_index_again(app):
    # So long that it is stored apart from its row.
    tutor = make_tutor(bio=LONG_BIO, hourly_rate=1000)
    assert price_lexemes(1000, 1000) == price_lexemes(1001, 1001) != price_lexemes(2000, 2000)
    assert hot_updates_of(tutor, hourly_rate=1001) == 1
    assert hot_updates_of(tutor, hourly_rate=2000) == 0
