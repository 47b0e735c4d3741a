"""Root runs PostgreSQL as another account and opens no folder for it."""

import shutil
import stat
import subprocess
import sys
from pathlib import Path

from common.config import ROOT
from common.embedded import Servers
from common.embedded.postgres_binaries import PACKAGE
from common.embedded.processes import package_folder
from tests.common.embedded.processes import processes_of
from tests.common.embedded.server_users import needs_root, query


@needs_root
def test_root_runs_it_as_somebody_else_and_opens_no_folder_for_that(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with Servers(closed / "instance", redis=False, ephemeral=True) as urls:
        assert urls.database_url
        assert query(urls.database_url, "select 1") == 1
        owners = {each.uids().real for each in processes_of(closed) if each.name() == "postgres"}
        assert owners and 0 not in owners
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@needs_root
def test_root_copies_programs_that_others_can_not_reach_and_removes_the_copy(
    tmp_path: Path,
) -> None:
    installed = package_folder(PACKAGE)
    assert installed
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    for part in installed.parent.glob(f"{PACKAGE}*"):
        shutil.copytree(part, closed / part.name, ignore=shutil.ignore_patterns("include"))
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path; from common.embedded.postgres import Postgres\n"
        "server = Postgres(Path(sys.argv[2]), ephemeral=True); server.start()\n"
        "print((server.folder / 'binaries').read_text()); server.stop()"
    )
    command = [sys.executable, "-c", code, str(closed), str(tmp_path / "server")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    copy = Path(done.stdout.strip())
    assert copy.name.startswith("postgres-") and not copy.exists()
