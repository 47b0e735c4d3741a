"""A client for the owner of a profile: requests, and the events they record."""

from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from activity.models import ActivityEvent
from common.database.session import db
from profiles.accounts.models import User
from tests.factories import as_user

PROFILE = "/api/me/profile/"
AUTOSAVE = "/api/me/profile/autosave/"
PUBLISH = "/api/me/profile/autosave/publish/"
SNAPSHOTS = "/api/me/profile/snapshots/"
NO_DRAFT = {"autosaved_at": None, "version": 0, "data": {}, "dirty": []}


def bio(text: Any) -> dict[str, Any]:
    """A document that says this of a tutor, and nothing else."""
    return {"tutor_profile": {"bio": text}}


class Owner:
    """Speaks HTTP; each method fails unless the answer has the status it should have."""

    def __init__(self, client: FlaskClient, user: User) -> None:
        self.id = user.id
        self.http = as_user(client, user)

    def _expect(self, answer: TestResponse, status: int) -> Any:
        assert answer.status_code == status, answer.get_data(as_text=True)
        return answer.get_json() if answer.data else None

    def profile(self) -> Any:
        return self._expect(self.http.get(PROFILE), 200)

    def patch(self, body: Any, status: int = 200, **headers: str) -> Any:
        return self._expect(self.http.patch(PROFILE, json=body, headers=headers), status)

    def refused(self, body: Any) -> Any:
        """The messages of a PATCH that must be a 422."""
        return self.patch(body, 422)["errors"]["json"]

    def autosave(self, body: Any, status: int = 200, **headers: str) -> Any:
        return self._expect(self.http.patch(AUTOSAVE, json=body, headers=headers), status)

    def draft(self, status: int = 200) -> Any:
        return self._expect(self.http.get(AUTOSAVE), status)

    def draft_etag(self) -> str:
        return self.http.get(AUTOSAVE).headers["ETag"]

    def discard(self, status: int = 204, **headers: str) -> None:
        self._expect(self.http.delete(AUTOSAVE, headers=headers), status)

    def publish(self, status: int = 200, **headers: str) -> Any:
        return self._expect(self.http.post(PUBLISH, headers=headers), status)

    def snapshots(self, **query: Any) -> Any:
        return self._expect(self.http.get(SNAPSHOTS, query_string=query), 200)

    def restore(self, snapshot_id: str, status: int = 200, **headers: str) -> Any:
        answer = self.http.post(f"{SNAPSHOTS}{snapshot_id}/restore/", headers=headers)
        return self._expect(answer, status)

    def events(self, prefix: str = "") -> list[tuple[str, dict[str, Any]]]:
        """(action, metadata) of the profile's events, oldest first."""
        rows = db.session.execute(
            select(ActivityEvent.action, ActivityEvent.details)
            .where(
                ActivityEvent.user_id == self.id,
                ActivityEvent.action.startswith(prefix),
                ActivityEvent.action.not_like("auth.%"),
            )
            .order_by(ActivityEvent.timestamp, ActivityEvent.id)
        ).all()
        db.session.rollback()
        return [(action, details) for action, details in rows]

    def actions(self) -> list[str]:
        return [action for action, _ in self.events()]
