"""`make migrations`: squawk on every migration that no release has."""

import json
import subprocess
import sys
import tempfile
import tomllib
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from common.embedded.postgres import Postgres
from tests.conftest import test_settings
from tests.drills.release import LAST_RELEASE
from tests.migrations.recording import record_upgrades
from wsgi import create_app

EVERYWHERE = "everywhere"
EXCEPTIONS = Path(__file__).with_name("exceptions.toml")
# The oldest that is supported: what is quick on a newer one may not be there.
POSTGRESQL = "15.0"


def main(squawk: str) -> int:
    """The exit status: 0 when all new migrations are safe or excepted with a reason."""
    with tempfile.TemporaryDirectory(prefix="migrations-") as name:
        folder = Path(name)
        scripts = _record(folder)
        for revision, script in scripts.items():
            (folder / f"{revision}.sql").write_text(script)
        warnings = _warnings(squawk, folder)
    exceptions = tomllib.loads(EXCEPTIONS.read_text())
    problems = [*unexcepted(warnings, exceptions), *unused(warnings, exceptions)]
    print(*problems, sep="\n")
    print(f"{len(scripts)} migrations since {LAST_RELEASE.version}: {len(problems)} problems.")
    return 1 if problems else 0


def _record(folder: Path) -> dict[str, str]:
    server = Postgres(folder / "postgres", ephemeral=True)
    server.start()
    try:
        app = create_app(test_settings(server.url, None, folder))
        return record_upgrades(app, LAST_RELEASE.schema)
    finally:
        server.stop()


def _warnings(squawk: str, folder: Path) -> list[dict[str, Any]]:
    """squawk's, each with its `revision` and its `statement`, the line it speaks of."""
    files = sorted(folder.glob("*.sql"))
    command = [squawk, "--reporter=json", f"--pg-version={POSTGRESQL}", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    # 1 where it warns; anything else is a failure of its own.
    if done.returncode > 1 or not done.stdout:
        raise SystemExit(f"squawk failed: {done.stderr}")
    warnings: list[dict[str, Any]] = json.loads(done.stdout)
    for warning in warnings:
        path = Path(warning["file"])
        warning["revision"] = path.stem
        warning["statement"] = path.read_text().splitlines()[warning["line"]]
    return warnings


def unexcepted(
    warnings: Iterable[dict[str, Any]], exceptions: dict[str, dict[str, str]]
) -> list[str]:
    """Those that no exception names."""
    found = []
    for warning in warnings:
        rule, revision = warning["rule_name"], warning["revision"]
        excepted = exceptions.get(EVERYWHERE, {}) | exceptions.get(revision, {})
        if rule not in excepted:
            found.append(f"{revision}: {rule}: {warning['message']}\n    {warning['statement']}")
    return found


def unused(warnings: Iterable[dict[str, Any]], exceptions: dict[str, dict[str, str]]) -> list[str]:
    """Exceptions of which there is nothing to be excepted any more."""
    rules = defaultdict(set)
    for warning in warnings:
        for place in (EVERYWHERE, warning["revision"]):
            rules[place].add(warning["rule_name"])
    return [
        f"{EXCEPTIONS.name}: {place}: {rule} is not warned of"
        for place, excepted in exceptions.items()
        for rule in excepted
        if rule not in rules[place]
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
