"""Whether the time of a failed log-in tells a known email from an unknown one.

    .venv/bin/python -m tests.login_timing --calls 300

Starts servers of its own and a gunicorn with the settings' real password cost, asks in random
order for an account that exists, one that does not, one that is inactive and one whose hash is of
an older cost, and prints the distributions with a two-sample Kolmogorov-Smirnov test against the
known account. No test asserts a time: whoever changes the log-in looks here.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

import flask_migrate
import requests

from common.database.session import db, dispose_engines
from common.embedded import Servers
from profiles.accounts.passwords.costs import hasher_of
from profiles.accounts.registration.creation import register
from tests.database import create_database
from tests.live_server import LiveServer
from tests.login_timing.kolmogorov_smirnov import SIGNIFICANCE, kolmogorov_smirnov
from wsgi import create_app

PASSWORD = "the right password of somebody"
QUANTILES = (5, 25, 50, 75, 95)
WARM_UP = 10
# Of an account that has not logged in since the settings' cost was raised.
OLDER_COST = "m=7168,t=1,p=1"


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.login_timing", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--calls", type=int, default=300, help="log-ins per kind of account")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="login-timing-") as folder:
        times = measure(Path(folder), options.calls, random.Random(options.seed))
    report(times)


def measure(folder: Path, calls: int, chance: random.Random) -> dict[str, list[float]]:
    servers = Servers(folder / "servers", ephemeral=True)
    urls = servers.start()
    settings = {
        "APP_ENV": "testing",
        "DATABASE_URL": create_database(urls.database_url, "login_timing"),
        "REDIS_URL": urls.redis_url,
        "SECRET_KEY": "a secret that only this measurement uses",
        "INSTANCE_DIR": str(folder / "instance"),
        "RATE_LIMITS_ENABLED": False,
        "LOG_LEVEL": "WARNING",
    }
    try:
        emails = prepare(settings)
        server = LiveServer(settings, workers=1, threads=2, log=folder / "gunicorn.log")
        try:
            return ask(server.url, emails, calls, chance)
        finally:
            server.stop()
    finally:
        servers.release()


def prepare(settings: dict[str, object]) -> dict[str, str]:
    """The accounts, and which email stands for what."""
    emails = {"known": "known@example.org", "unknown": "nobody@example.org"}
    emails |= {"inactive": "inactive@example.org", "older": "older@example.org"}
    app = create_app(settings)
    with app.app_context():
        flask_migrate.upgrade()
        register(emails["known"], PASSWORD, "Known", "Person")
        register(emails["inactive"], PASSWORD, "Inactive", "Person").is_active = False
        older = hasher_of(OLDER_COST).hash(PASSWORD)
        register(emails["older"], PASSWORD, "Older", "Person", password_hash=older)
        db.session.commit()
        db.session.remove()
        dispose_engines()
    return emails


def ask(
    url: str, emails: dict[str, str], calls: int, chance: random.Random
) -> dict[str, list[float]]:
    """Milliseconds of failed log-ins by kind, in random order so that no drift favours one."""
    order = [kind for kind in emails for _ in range(calls)]
    chance.shuffle(order)
    times: dict[str, list[float]] = {kind: [] for kind in emails}
    with requests.Session() as http:
        for number, kind in enumerate([*emails, *emails] * WARM_UP + order):
            body = {"email": emails[kind], "password": f"a wrong guess {number}"}
            began = time.perf_counter()
            answer = http.post(f"{url}/api/auth/login/", json=body, timeout=30)
            taken = (time.perf_counter() - began) * 1000
            if answer.status_code != 400:
                raise RuntimeError(f"a wrong password was answered {answer.status_code}")
            if number >= 2 * WARM_UP * len(emails):
                times[kind].append(taken)
            if sys.stderr.isatty():
                print(f"\r{number}", end="", file=sys.stderr)
    return times


def report(times: dict[str, list[float]]) -> None:
    print(f"{'milliseconds':<14}" + "".join(f"{f'p{q}':>9}" for q in QUANTILES) + f"{'mean':>9}")
    for kind, taken in times.items():
        cuts = statistics.quantiles(taken, n=100)
        row = [cuts[q - 1] for q in QUANTILES] + [statistics.fmean(taken)]
        print(f"{kind:<14}" + "".join(f"{value:9.2f}" for value in row))
    for kind in [kind for kind in times if kind != "known"]:
        distance, chance = kolmogorov_smirnov(times["known"], times[kind])
        verdict = "distinguishable" if chance < SIGNIFICANCE else "not distinguishable"
        print(f"known and {kind}: distance {distance:.3f}, by chance p = {chance:.2f}: {verdict}")


if __name__ == "__main__":
    main()
