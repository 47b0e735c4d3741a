"""The commands of a page: its fenced blocks, typed one after the other into one shell."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

FENCE = re.compile(r"^```(sh|sh root|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Stands before what each block prints.
MARK = "\x1e"


class Block(NamedTuple):
    """Commands; whether root types them; the output that the page shows, or None."""

    commands: str
    is_roots: bool
    output: str | None


class Typed(NamedTuple):
    """What each block that was begun has printed; the shell's status; its complaints."""

    outputs: list[str]
    status: int
    complaints: str


def blocks_of(page: Path) -> list[Block]:
    """The page's blocks of commands, each with the block of text behind it."""
    blocks: list[Block] = []
    for kind, text in FENCE.findall(page.read_text(encoding="utf-8")):
        if kind == "text":
            blocks[-1] = blocks[-1]._replace(output=text)
        else:
            blocks.append(Block(text, kind == "sh root", None))
    return blocks


def type_in(
    blocks: list[Block], prefix: list[str], folder: Path, environ: Mapping[str, str], log: Path
) -> Typed:
    """Run the blocks in one bash, which ends with the first command that fails.

    Its output goes to files in `log`: what it starts in the background may outlive it.
    """
    script = "".join(f"printf '{MARK}'\n{block.commands}" for block in blocks)
    with (log / "printed").open("w") as printed, (log / "complaints").open("w") as complaints:
        done = subprocess.run(
            [*prefix, "bash", "-euo", "pipefail", "-c", script],
            cwd=folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=complaints,
            check=False,
        )
    outputs = (log / "printed").read_text().split(MARK)[1:]
    return Typed(outputs, done.returncode, (log / "complaints").read_text())
