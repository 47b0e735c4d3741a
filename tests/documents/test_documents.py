"""The documents speak of what is there: links, files, commands, dependencies, targets."""

import re
from pathlib import Path

import pytest

from common.config import ROOT

pytestmark = pytest.mark.quick
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
TEXTS = {file: file.read_text(encoding="utf-8") for file in DOCUMENTS}
# A path of ours in backticks: with a folder and the name of a file, or with a folder's final slash.
PATH = re.compile(r"`((?:[\w.-]+/)+(?:[\w.-]+\.\w+)?)`")
# What is made by running the service, and where tests are told to look.
NOT_STORED = ("instance/",)
README = TEXTS[ROOT / "README.md"]
INSTALL = "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt"


def ids(file: Path) -> str:
    return str(file.relative_to(ROOT))


@pytest.mark.parametrize("file", DOCUMENTS, ids=ids)
def test_every_link_between_documents_leads_somewhere(file):
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", TEXTS[file])
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (file.parent / link).exists()] == []


@pytest.mark.parametrize("file", DOCUMENTS, ids=ids)
def test_every_link_to_a_heading_finds_it(file):
    links = re.findall(r"\]\(([^)#\s]*)#([^)\s]+)\)", TEXTS[file])
    local = [(place, heading) for place, heading in links if "://" not in place]
    pages = {place: (file.parent / place).resolve() if place else file for place, _ in local}
    assert [link for link in local if link[1] not in headings(pages[link[0]])] == []


def headings(file: Path) -> set[str]:
    """The addresses of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize(
    "file", [each for each in DOCUMENTS if each.name != "CHANGELOG.md"], ids=ids
)
def test_every_file_that_is_named_exists(file):
    """The changelog tells of files that later changes may move."""
    named = [path for path in PATH.findall(TEXTS[file]) if not path.startswith(NOT_STORED)]
    places = (ROOT, ROOT / "docs", ROOT / "common", ROOT / "marketplace")
    assert [path for path in named if not any((place / path).exists() for place in places)] == []


@pytest.mark.parametrize(
    "command", [f"{INSTALL} && .venv/bin/flask demo", f"{INSTALL} && .venv/bin/pytest"]
)
def test_the_readme_has_both_commands_as_one_line_each(command):
    assert f"\n    {command}\n" in README


def test_every_dependency_has_a_row_in_the_readme():
    requirements = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    pinned = {name.lower() for name in re.findall(r"^([\w.-]+)==", requirements, re.MULTILINE)}
    table = README.partition("\n## Dependencies\n")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE)[2:]
    named = {name.strip().lower() for cell in cells for name in cell.split(",")}
    assert named == pinned


def test_ci_calls_targets_that_the_makefile_has():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    called = re.findall(r"make -s ([a-z -]+)", (ROOT / ".ci" / "run").read_text(encoding="utf-8"))
    assert {"check", "ci", "test"} <= targets
    assert called
    assert {target for call in called for target in call.split()} <= targets


def test_every_page_of_the_documentation_is_in_its_index():
    index = TEXTS[ROOT / "docs" / "README.md"]
    pages = [file.name for file in (ROOT / "docs").glob("*.md") if file.name != "README.md"]
    assert [page for page in pages if f"({page})" not in index] == []
    decisions = TEXTS[ROOT / "docs" / "decisions" / "README.md"]
    numbered = [file.name for file in (ROOT / "docs" / "decisions").glob("0*.md")]
    assert [page for page in numbered if f"({page})" not in decisions] == []
    operations = TEXTS[ROOT / "docs" / "operations.md"]
    topics = [file.name for file in (ROOT / "docs" / "operations").glob("*.md")]
    assert [page for page in topics if f"(operations/{page})" not in operations] == []


def test_no_page_of_operations_is_longer_than_one_reads_at_once():
    pages = [ROOT / "docs" / "operations.md", *(ROOT / "docs" / "operations").glob("*.md")]
    assert {
        page.name: TEXTS[page].count("\n") for page in pages if TEXTS[page].count("\n") > 300
    } == {}
