"""`flask rebuild-public`."""

import pytest
from sqlalchemy import text

from common.database.session import db
from tests.factories import make_student, make_tutor
from tests.profiles.public.public_rows import everything_public, revision


@pytest.fixture
def run(app):
    """Run a command as the shell does; returns what it says."""

    def run_command(*arguments: str) -> str:
        result = app.test_cli_runner().invoke(args=arguments)
        assert result.exit_code == 0, result.output
        return result.output

    return run_command


def tamper(statement: str) -> None:
    db.session.execute(text(statement))
    db.session.commit()


def test_rebuilding_what_is_right_changes_nothing(run):
    make_tutor(subjects=["math"])
    make_student()
    before = everything_public(), revision()
    assert "1 tutors checked, 0 public rows differed." in run("rebuild-public")
    assert (everything_public(), revision()) == before


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        ("update public_tutors set score = score + 1", "score: 1"),
        ("""update public_tutors set card = replace(card, '"uk"', '"de"')""", "card.language: 1"),
        ("delete from public_tutors", "missing: 1"),
        ("delete from public_tutor_subjects", "subjects: 1"),
        ("update public_tutor_subjects set hourly_rate = 7", "subjects: 1"),
        ("update public_search set words = ''", "words or subjects: 1"),
        ("update public_search set tier = 2", "words or subjects: 1"),
        ("delete from public_search", "words or subjects: 1"),
        ("update user_settings set public_profile_enabled = false", "should not be public: 1"),
    ],
)
def test_a_rebuild_mends_what_differs_and_names_it(run, damage, named):
    make_tutor(subjects=["math"], languages=["uk"])
    before, revision_before = everything_public(), revision()
    tamper(damage)
    said = run("rebuild-public")
    assert "1 public rows differed." in said
    assert named in said
    assert revision() != revision_before
    assert everything_public() == (([], []) if "settings" in damage else before)
    assert "0 public rows differed." in run("rebuild-public")
