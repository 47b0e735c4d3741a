"""Daily counts of how tutors are found"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

HOT_UPDATES: dict[str, Any] = {"postgresql_with": {"fillfactor": 70}}


def _number(name: str, kind: Any = sa.BigInteger) -> Any:
    return sa.Column(name, kind(), nullable=False)


def _tutor_table(name: str, *columns: Any, key: tuple[str, ...], **options: Any) -> None:
    op.create_table(
        name,
        sa.Column("tutor_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(
            ["tutor_id"],
            ["users.id"],
            name=f"fk_{name}_tutor_id_users",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tutor_id", "day", *key, name=f"pk_{name}"),
        **options,
    )


def upgrade() -> None:
    # The foreign keys of the empty tables lock the accounts' table for a moment.
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "insight_salts",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_insight_salts"),
    )
    op.create_table(
        "insight_pages",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("tutor_ids", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("is_first", sa.Boolean(), nullable=False),
        sa.Column("filters", postgresql.ARRAY(sa.Text()), nullable=False),
        _number("number"),
        sa.PrimaryKeyConstraint("id", name="pk_insight_pages"),
    )
    _tutor_table(
        "tutor_daily_counts",
        *map(_number, ("views", "appearances", "placed", "position_sum")),
        key=(),
        **HOT_UPDATES,
    )
    op.create_index("ix_tutor_daily_counts_day", "tutor_daily_counts", ["day"])
    _tutor_table(
        "tutor_visitors",
        _number("kind", sa.SmallInteger),
        sa.Column("visitor", sa.LargeBinary(), nullable=False),
        key=("kind", "visitor"),
    )
    _tutor_table(
        "tutor_search_views",
        sa.Column("search", sa.LargeBinary(), nullable=False),
        _number("views"),
        key=("search",),
        **HOT_UPDATES,
    )
    op.create_index("ix_tutor_search_views_day", "tutor_search_views", ["day"])
    op.create_table(
        "search_questions",
        sa.Column("question", sa.LargeBinary(), nullable=False),
        sa.Column("search", sa.LargeBinary(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("question", name="pk_search_questions"),
    )
    op.create_table(
        "search_callers",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("search", sa.LargeBinary(), nullable=False),
        sa.Column("caller", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("day", "search", "caller", name="pk_search_callers"),
    )
    op.create_table(
        "search_daily_counts",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("search", sa.LargeBinary(), nullable=False),
        sa.Column("query", sa.Text(), nullable=True),
        _number("requests"),
        _number("without_results"),
        _number("callers", sa.Integer),
        sa.PrimaryKeyConstraint("day", "search", name="pk_search_daily_counts"),
        **HOT_UPDATES,
    )
    op.create_index("ix_search_daily_counts_search", "search_daily_counts", ["search"])
    op.create_table(
        "listing_daily_counts",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        _number("shown"),
        _number("views"),
        sa.PrimaryKeyConstraint("day", "kind", "value", name="pk_listing_daily_counts"),
        **HOT_UPDATES,
    )


def downgrade() -> None:
    for table in (
        "listing_daily_counts",
        "search_daily_counts",
        "search_callers",
        "search_questions",
        "tutor_search_views",
        "tutor_visitors",
        "tutor_daily_counts",
        "insight_pages",
        "insight_salts",
    ):
        op.drop_table(table)
