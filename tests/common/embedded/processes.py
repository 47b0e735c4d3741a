"""What a folder's servers leave running, and waiting for it to end."""

import time
from pathlib import Path

import psutil


def processes_of(folder: Path) -> list[psutil.Process]:
    """Every process that works in the folder, was started with its name or has it in INSTANCE_DIR."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            places = [process.cwd(), *process.cmdline(), process.environ().get("INSTANCE_DIR", "")]
        except psutil.Error:
            continue
        if any(place.startswith(str(folder)) for place in places):
            found.append(process)
    return found


def wait_until_gone(folder: Path) -> None:
    """Return when nothing of the folder runs any more; a leak runs into the suite's time limit."""
    while processes_of(folder):
        time.sleep(0.05)
