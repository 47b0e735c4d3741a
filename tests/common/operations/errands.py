"""One call of everything that people do, to be made as whatever role the service runs as."""

import io
from typing import Any

from flask import Flask
from PIL import Image

PASSWORD = "a long walk at dusk"


def picture() -> io.BytesIO:
    content = io.BytesIO()
    Image.new("RGB", (40, 40), "teal").save(content, "PNG")
    content.seek(0)
    return content


def every_errand(app: Flask) -> None:
    """A tutor's and a student's life, from registration to erasure; fails where a call does."""
    tutor, student = Errands(app, "tutor"), Errands(app, "student")
    tutor.call("PATCH", "/api/me/profile/", {"tutor_profile": {"subjects": ["Математика"]}})
    tutor.call("PATCH", "/api/me/profile/autosave/", {"tutor_profile": {"bio": "Спокійно."}})
    tutor.call("POST", "/api/me/profile/autosave/publish/")
    tutor.call("POST", "/api/me/avatar/", data={"avatar": (picture(), "me.png")})
    snapshot = tutor.call("GET", "/api/me/profile/snapshots/")["results"][0]["id"]
    tutor.call("POST", f"/api/me/profile/snapshots/{snapshot}/restore/")
    student.call("GET", "/api/marketplace/tutors/?search=математика&subject=math")
    student.call("GET", "/api/marketplace/facets/?search=математика")
    student.call("GET", f"/api/marketplace/tutors/{tutor.id}/")
    student.call("PUT", f"/api/me/saved-tutors/{tutor.id}/")
    student.call("POST", "/api/me/saved-searches/", {"name": "M", "query": "subject=math"})
    student.call("GET", "/api/me/saved-searches/")
    student.call("POST", "/api/me/activity/trigger/", {"action": "page.viewed"})
    student.call("POST", "/api/activity/events/", {"events": [{"action": "page.viewed"}]})
    student.call("GET", "/api/me/activity/")
    student.call("GET", "/api/me/export/")
    student.call("DELETE", "/api/me/sessions/")
    for person in (tutor, student):
        person.call("POST", "/api/auth/refresh/")
        person.call("DELETE", "/api/me/", {"password": PASSWORD})


class Errands:
    """A person who has just registered."""

    def __init__(self, app: Flask, role: str) -> None:
        self._client = app.test_client()
        self._headers: dict[str, str] = {}
        account = {
            "email": f"{role}@errands.example.org",
            "password": PASSWORD,
            "first_name": "Олена",
            "last_name": "Шевченко",
            "role": role,
        }
        made = self.call("POST", "/api/auth/register/", account)
        self._headers = {"Authorization": f"Bearer {made['access']}"}
        self.id: int = made["user"]["id"]

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        if body is not None:
            options["json"] = body
        answer = self._client.open(path, method=method, headers=self._headers, **options)
        assert answer.status_code < 300, (method, path, answer.get_data(as_text=True))
        return answer.get_json() if answer.data else None
