"""Words, spellings and subjects that no public row shows are deleted"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BATCH = 2_000
NEXT = f"select id from public_subjects where id > %(after)s order by id limit {BATCH}"
# A subject that another transaction is about to show is locked by it, and left alone.
DELETE_UNUSED = """
    delete from public_subjects where id = any(array(
        select id from public_subjects subject where id = any(%(ids)s) and not exists (
            select from public_tutor_subjects where subject_id = subject.id)
        for update skip locked))"""


def upgrade() -> None:
    """`flask rebuild-public`, which this release needs anyway, stores the words that are shown."""
    op.execute("set local lock_timeout = '5s'")
    op.execute("truncate public_words, public_spellings")
    # A deletion per batch, each committed, so that no writer waits long for a subject.
    with op.get_context().autocommit_block():
        connection = op.get_bind()
        after = 0
        while ids := list(connection.exec_driver_sql(NEXT, {"after": after}).scalars()):
            connection.exec_driver_sql(DELETE_UNUSED, {"ids": ids})
            after = ids[-1]


def downgrade() -> None:
    pass
