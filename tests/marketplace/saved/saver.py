"""A person who saves tutors and searches over HTTP."""

from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import text

from common.database.session import db
from profiles.accounts.models import User
from profiles.models import UserSettings
from tests.factories import as_user, make_student

TUTORS = "/api/me/saved-tutors/"
SEARCHES = "/api/me/saved-searches/"


class Saver:
    """Each method fails unless the answer has the status it should have."""

    def __init__(self, client: FlaskClient, user: User | None = None) -> None:
        self.user = user or make_student()
        self.http = as_user(client, self.user)

    def _expect(self, answer: Any, status: int) -> Any:
        assert answer.status_code == status, answer.get_data(as_text=True)
        return answer.get_json() if answer.data else None

    def save(self, tutor_id: object, status: int = 204) -> Any:
        return self._expect(self.http.put(f"{TUTORS}{tutor_id}/"), status)

    def remove(self, tutor_id: object, status: int = 204) -> Any:
        return self._expect(self.http.delete(f"{TUTORS}{tutor_id}/"), status)

    def page(self, status: int = 200, **query: Any) -> Any:
        return self._expect(self.http.get(TUTORS, query_string=query), status)

    def saved_ids(self) -> list[int]:
        return [card["id"] for card in self.page(page_size=100)["results"]]

    def search(self, query: str, name: str = "A search", status: int = 201) -> Any:
        return self._expect(self.http.post(SEARCHES, json={"name": name, "query": query}), status)

    def searches(self) -> Any:
        return self._expect(self.http.get(SEARCHES), 200)["results"]

    def new_count(self, query: str) -> int | None:
        """How many tutors are new to the query, saved before all of them registered."""
        search_id = self.search(query)["id"]
        self.looked_long_ago()
        (found,) = [each for each in self.searches() if each["id"] == search_id]
        self.delete(search_id)
        count: int | None = found["new_count"]
        return count

    def looked_long_ago(self) -> None:
        statement = "update saved_searches set last_looked_at = '2020-01-01Z' where user_id = :id"
        db.session.execute(text(statement), {"id": self.user.id})
        db.session.commit()

    def look(self, search_id: str, status: int = 204) -> Any:
        return self._expect(self.http.post(f"{SEARCHES}{search_id}/looked/"), status)

    def delete(self, search_id: str, status: int = 204) -> Any:
        return self._expect(self.http.delete(f"{SEARCHES}{search_id}/"), status)


def set_listed(user: User, is_listed: bool) -> None:
    db.session.get_one(UserSettings, user.id).public_profile_enabled = is_listed
    db.session.commit()
