"""An authenticator, and a person who has turned on two factors with it."""

import pyotp

from common.clock import now
from tests.factories import PASSWORD, as_user, make_user
from tests.profiles.accounts.endpoints import another_browser, log_in

PATH = "/api/me/two-factor/"
CONFIRM = "/api/me/two-factor/confirm/"
SECOND_STEP = "/api/auth/login/second-factor/"


class Person:
    """An account, its signed-in client, its authenticator and its recovery codes."""

    def __init__(self, client, user=None):
        self.user = user or make_user()
        self.client = client
        self.http = as_user(client, self.user)
        self.authenticator = None
        self.recovery_codes = []

    def start(self):
        answer = self.http.post(PATH)
        assert answer.status_code == 200, answer.text
        self.authenticator = pyotp.TOTP(answer.json["secret"])
        return answer.json

    def code(self, steps=1):
        """What the authenticator shows so many steps later; by default the next, for which the
        server's step is right also when the present one ends before the request arrives."""
        return self.authenticator.at(now(), counter_offset=steps)

    def wrong_code(self):
        """Six digits that it shows neither now nor around now."""
        shown = {self.code(steps) for steps in range(-3, 4)}
        return next(
            code for code in ("000000", *map(str, range(111111, 111130))) if code not in shown
        )

    def confirm(self, code=None):
        return self.http.post(CONFIRM, json={"code": code or self.code()})

    def turn_on(self):
        """Turned on with the present code, so that the next one is unused."""
        self.start()
        answer = self.confirm(self.code(0))
        assert answer.status_code == 200, answer.text
        self.recovery_codes = answer.json["recovery_codes"]
        return self

    def turn_off(self, code=None, password=PASSWORD):
        return self.http.delete(PATH, json={"password": password, "code": code or self.code()})

    def is_on(self):
        return self.http.get("/api/users/me/").json["two_factor"]

    def ticket(self, browser=None, **options):
        answer = log_in(browser or another_browser(self.client), self.user, **options)
        assert answer.status_code == 400 and answer.json["code"] == "second_factor_required"
        return answer.json["ticket"]


def second_step(browser, ticket, code, **options):
    return browser.post(SECOND_STEP, json={"ticket": ticket, "code": code}, **options)
