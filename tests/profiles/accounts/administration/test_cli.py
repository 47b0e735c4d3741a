import pytest

from common.database.session import db
from profiles.accounts.lookup import find_user_by_email
from profiles.models import StudentProfile, TutorProfile, UserSettings
from profiles.public.models import PublicTutor
from tests.factories import make_tutor, make_user
from tests.profiles.accounts.endpoints import is_authorized, log_in, refresh, stored_tokens


@pytest.fixture
def run(app):
    runner = app.test_cli_runner()

    def run(*arguments, **options):
        answer = runner.invoke(args=list(arguments), **options)
        db.session.rollback()
        return answer

    return run


@pytest.mark.parametrize(("flags", "role"), [([], "admin"), (["--superadmin"], "superadmin")])
def test_an_administrator_is_made_and_can_log_in(run, client, flags, role):
    made = run("create-admin", "root@example.com", *flags, input="a long walk\na long walk\n")
    assert made.exit_code == 0, made.output
    assert f"Created the {role} root@example.com" in made.output
    assert "a long walk" not in made.output
    answer = log_in(client, "root@example.com", "a long walk")
    assert answer.json["user"]["role"] == role


def test_an_administrator_has_settings_and_no_profile(run, app):
    run("create-admin", "root@example.com", "--password-stdin", input="a long walk\n")
    user = find_user_by_email("root@example.com")
    assert db.session.get(UserSettings, user.id) is not None
    assert db.session.get(TutorProfile, user.id) is None
    assert db.session.get(StudentProfile, user.id) is None
    assert user.is_self_learning is False


def test_the_password_may_come_from_the_environment(run, client):
    made = run("create-admin", "root@example.com", env={"ADMIN_PASSWORD": "a long walk"})
    assert made.exit_code == 0, made.output
    assert log_in(client, "root@example.com", "a long walk").status_code == 200


@pytest.mark.parametrize(
    ("arguments", "entered", "complaint"),
    [
        (["root"], "a long walk\n", "Not a valid email address."),
        (["root@example.com"], "short\n", "Length must be between 8 and 128."),
        (["root@example.com"], "", "Length must be between 8 and 128."),
        (["root@example.com", "--first-name", " "], "a long walk\n", "blank"),
        (["taken@example.com"], "a long walk\n", "There is already an account"),
    ],
)
def test_what_cannot_be_created_is_reported_in_one_line(run, app, arguments, entered, complaint):
    make_user(email="taken@example.com")
    made = run("create-admin", *arguments, "--password-stdin", input=entered)
    assert made.exit_code == 1
    assert made.output.startswith("Error: ")
    assert complaint in made.output
    assert made.output.count("\n") == 1
    assert find_user_by_email("root@example.com") is None


def test_a_deactivated_account_is_stopped_everywhere_at_once(run, client):
    tutor = make_tutor(headline="Математика", bio="Навчаю.", subjects=["Математика"])
    access = log_in(client, tutor).json["access"]
    assert db.session.get(PublicTutor, tutor.id) is not None
    stopped = run("deactivate-user", tutor.email.upper())
    assert stopped.exit_code == 0, stopped.output
    assert not is_authorized(client, access)
    assert refresh(client).status_code == 401
    assert log_in(client, tutor).status_code == 400
    assert stored_tokens() == 0
    assert db.session.get(PublicTutor, tutor.id) is None


def test_an_activated_account_goes_on_after_a_new_log_in(run, client):
    tutor = make_tutor(headline="Математика", is_active=False)
    assert run("activate-user", tutor.email).exit_code == 0
    assert log_in(client, tutor).status_code == 200
    assert db.session.get(PublicTutor, tutor.id) is not None


@pytest.mark.parametrize(
    ("command", "is_active", "state"),
    [("deactivate-user", False, "inactive"), ("activate-user", True, "active")],
)
def test_doing_it_twice_changes_nothing_and_says_so(run, app, command, is_active, state):
    user = make_user(is_active=is_active)
    answer = run(command, user.email)
    assert answer.exit_code == 0
    assert f"was {state} already; nothing changed" in answer.output


@pytest.mark.parametrize("command", ["deactivate-user", "activate-user"])
def test_an_unknown_email_is_an_error(run, app, command):
    answer = run(command, "nobody@example.com")
    assert answer.exit_code == 1
    assert answer.output == "Error: There is no account with the email nobody@example.com.\n"


@pytest.mark.parametrize("command", ["create-admin", "deactivate-user", "activate-user"])
def test_the_help_of_a_command_teaches(run, command):
    help_text = run(command, "--help").output
    assert "EMAIL" in help_text
    assert len(help_text.splitlines()) > 6
