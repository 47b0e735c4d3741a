"""What must hold for every import."""

import ast

import pytest

from common.config import ROOT

pytestmark = pytest.mark.quick

# In which direction they may import one another is stated in setup.cfg, for import-linter.
PACKAGES = ("wsgi", "fixtures", "marketplace", "profiles", "activity", "common")


def modules():
    for part in PACKAGES:
        path = ROOT / part
        files = sorted(path.rglob("*.py")) if path.is_dir() else [ROOT / f"{part}.py"]
        for file in files:
            yield pytest.param(file, id=str(file.relative_to(ROOT)))


@pytest.mark.parametrize("file", [*modules()])
def test_no_import_hides_inside_a_function(file):
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    names = [alias.name for alias in node.names] + [
                        getattr(node, "module", "") or ""
                    ]
                    hidden = {name.partition(".")[0] for name in names} & set(PACKAGES)
                    assert not hidden, f"{file.name}:{node.lineno}"
