"""People of an installation, who live over HTTP."""

from typing import Any

from flask import Flask

from tests.common.operations.errands import picture

PASSWORD = "a long walk at dusk"


class Inhabitant:
    """A listed tutor with a headline."""

    def __init__(self, app: Flask, email: str, headline: str) -> None:
        self.email = email
        self._client = app.test_client()
        self._headers: dict[str, str] = {}
        account = {
            "email": email,
            "password": PASSWORD,
            "first_name": "Олена",
            "last_name": "Шевченко",
            "role": "tutor",
        }
        made = self._call("POST", "/api/auth/register/", json=account)
        self._headers = {"Authorization": f"Bearer {made['access']}"}
        self.id: int = made["user"]["id"]
        self.set_headline(headline)

    def set_headline(self, headline: str) -> None:
        self._call("PATCH", "/api/me/profile/", json={"tutor_profile": {"headline": headline}})

    def upload_avatar(self) -> None:
        self._call("POST", "/api/me/avatar/", data={"avatar": (picture(), "me.png")})

    def erase(self) -> None:
        self._call("DELETE", "/api/me/", json={"password": PASSWORD})

    def _call(self, method: str, path: str, **options: Any) -> Any:
        answer = self._client.open(path, method=method, headers=self._headers, **options)
        assert answer.status_code < 300, (method, path, answer.get_data(as_text=True))
        return answer.get_json() if answer.data else None
