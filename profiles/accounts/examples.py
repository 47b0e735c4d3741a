"""Examples for the OpenAPI page of the account endpoints."""

ACCESS = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI0MiJ9.kq1wT0aX3…"

REGISTRATION = {
    "email": "olena.shevchenko@example.com",
    "password": "a long walk at dusk",
    "first_name": "Олена",
    "last_name": "Шевченко",
    "timezone": "Europe/Kyiv",
    "role": "tutor",
}

CREDENTIALS = {"email": "tutor1@example.com", "password": "demo1234"}

ACCOUNT = {
    "id": 42,
    "email": "olena.shevchenko@example.com",
    "role": "tutor",
    "first_name": "Олена",
    "last_name": "Шевченко",
    "timezone": "Europe/Kyiv",
    "is_self_learning": False,
    "avatar_url": "/media/avatars/wYk3Jr0m9c.webp",
    "two_factor": False,
    "email_verified": True,
}

SIGNED_IN = {"access": ACCESS, "user": {**ACCOUNT, "avatar_url": None, "email_verified": False}}


def problem(status: int, title: str, detail: str, **members: object) -> dict[str, object]:
    return {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": "urn:uuid:6f1f0f4e-7c0b-4b7e-9d0e-0d6a3a4e5b11",
        **members,
    }


WRONG_CREDENTIALS = problem(
    400,
    "Bad Request",
    "The email or the password is not right.",
    error="invalid_grant",
    code="invalid_credentials",
)
WRONG_PASSWORD = problem(
    400,
    "Bad Request",
    "The password is not right.",
    error="invalid_grant",
    code="wrong_password",
)
NO_SUCH_SESSION = problem(404, "Not Found", "You have no such session.", code="not_found")
PASSWORD_CHANGE = {
    "current_password": "a long walk at dusk",
    "new_password": "a longer walk at dawn",
}
TOKEN_BY_MAIL = {"token": "b5eQ0v3mS8rJ1kZcXw7yTnLhGfDaPoIuYtRe2W4q9Ms"}
PASSWORD_RESET = {**TOKEN_BY_MAIL, "new_password": "a longer walk at dawn"}
EMAIL_CHANGE = {"password": "a long walk at dusk", "email": "olena@example.org"}
INVALID_ONE_TIME_TOKEN = problem(
    400,
    "Bad Request",
    "This link does not work, or works no more. Ask for another one.",
    code="invalid_one_time_token",
)
OPEN_SESSIONS = {
    "results": [
        {
            "id": "0b7c2f5e-6a0e-4b6e-9b51-0f6a4f7f2f0d",
            "device": "Firefox on Windows",
            "ip_address": "203.0.113.9",
            "created_at": "2026-02-10T08:00:00.000000Z",
            "last_used_at": "2026-02-15T10:00:00.000000Z",
            "is_current": True,
        }
    ]
}
EMAIL_TAKEN = problem(
    409, "Conflict", "There is already an account with this email.", code="email_taken"
)
SESSION_OVER = problem(401, "Unauthorized", "The session is over; log in again.", code="no_session")
FOREIGN_ORIGIN = problem(403, "Forbidden", "This page's origin may not use the session.")
