"""`flask purge-drafts`: old drafts go, newer ones and their versions stay."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from common.clock import now
from common.database.session import db
from profiles.editing.drafts import retention
from profiles.editing.drafts.retention import count_stale_drafts, discard_stale_drafts
from profiles.models import ProfileDraft
from tests.factories import make_tutor
from tests.profiles.profile_owner import Owner


def an_owner_with_a_draft(client: FlaskClient, days_old: int) -> Owner:
    owner = Owner(client, make_tutor())
    owner.autosave({"tutor_profile": {"bio": "typed"}})
    moment = now() - timedelta(days=days_old)
    db.session.execute(
        update(ProfileDraft).where(ProfileDraft.user_id == owner.id).values(autosaved_at=moment)
    )
    db.session.commit()
    return owner


def run(app: Flask, *arguments: str) -> Any:
    return app.test_cli_runner().invoke(args=["purge-drafts", *arguments])


def test_old_drafts_go_and_newer_ones_stay(app: Flask, client: FlaskClient) -> None:
    old = an_owner_with_a_draft(client, days_old=91)
    fresh = an_owner_with_a_draft(client, days_old=89)
    result = run(app, "--older-than", "90d")
    assert (result.exit_code, result.output) == (0, "Discarded 1 drafts.\n")
    old.draft(404)
    assert fresh.draft()["data"] == {"tutor_profile": {"bio": "typed"}}
    assert old.events()[-1] == ("profile.autosave.discarded", {"version": 1})
    assert old.autosave({"tutor_profile": {"bio": "again"}})["version"] > 1


def test_a_dry_run_says_what_would_go_and_lets_nothing_go(app: Flask, client: FlaskClient) -> None:
    old = an_owner_with_a_draft(client, days_old=91)
    result = run(app, "--older-than", "90d", "--dry-run")
    assert result.output == "Would discard 1 drafts. Nothing was discarded.\n"
    assert old.draft()["version"] == 1


@pytest.mark.parametrize("older_than", ["90", "d", "-1d", "1y", "99999999d", ""])
def test_what_is_no_duration_is_refused_in_a_line(app: Flask, older_than: str) -> None:
    result = run(app, "--older-than", older_than)
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_many_drafts_go_in_parts(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        an_owner_with_a_draft(client, days_old=91)
    monkeypatch.setattr(retention, "ACCOUNTS_AT_ONCE", 2)
    cut = now() - timedelta(days=90)
    assert count_stale_drafts(cut) == 5
    assert list(discard_stale_drafts(cut)) == [2, 2, 1]
    assert count_stale_drafts(cut) == 0


def test_nothing_is_old_before_the_first_draft(client: FlaskClient) -> None:
    assert list(discard_stale_drafts(datetime(1990, 1, 1, tzinfo=UTC))) == []
