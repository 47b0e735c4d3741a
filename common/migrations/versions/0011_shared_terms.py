"""Words, spellings and subjects that no public row shows are deleted"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BATCH = 2_000


def upgrade() -> None:
    """`flask rebuild-public`, which this release needs anyway, stores the words that are shown."""
    op.execute("set local lock_timeout = '5s'")
    op.execute("truncate public_words, public_spellings")
    # A deletion per batch, each committed, so that no writer waits long for a subject.
    with op.get_context().autocommit_block():
        connection = op.get_bind()
        last = connection.exec_driver_sql("select max(id) from public_subjects").scalar() or 0
        for after in range(0, last, BATCH):
            connection.exec_driver_sql(f"""
                delete from public_subjects where id = any(array(
                    select id from public_subjects subject
                    where id > {after} and id <= {after + BATCH} and not exists (
                        select from public_tutor_subjects where subject_id = subject.id)
                    for update skip locked))""")


def downgrade() -> None:
    pass
