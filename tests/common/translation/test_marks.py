"""Every sentence that a client may be shown is marked for translation where it is written."""

import ast
import re

import pytest

from common.config import ROOT
from common.translation.extraction import DOMAINS

# Raised or built with sentences for people. mypy asks for a Message where the type can say so.
SPEAKERS = {
    "BadRequest",
    "Conflict",
    "Forbidden",
    "Invalid",
    "NotFound",
    "PayloadTooLarge",
    "PreconditionFailed",
    "PreconditionRequired",
    "Unauthorized",
    "Unavailable",
    "UnsupportedMediaType",
    "ValidationError",
    "problem_response",
}
MARKS = {"lazy_gettext", "lazy_ngettext"}
SENTENCE = re.compile(r"[A-Z`{].* .*[.!?]", re.DOTALL)
ADVICE = "mark it: lazy_gettext('… {name} …', name=value), see CONTRIBUTING.md"


def name_of(call):
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def sentences(node):
    """The unmarked sentences among an expression's values."""
    if isinstance(node, ast.Call) and name_of(node) in MARKS:
        return
    if isinstance(node, ast.Constant | ast.JoinedStr):
        text = node.value if isinstance(node, ast.Constant) else ast.unparse(node)[2:-1]
        if isinstance(text, str) and SENTENCE.fullmatch(text):
            yield node.lineno, text
        return
    members = node.values if isinstance(node, ast.Dict) else ast.iter_child_nodes(node)
    for member in members:
        yield from sentences(member)


def unmarked(source):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            spoken = [*node.args, *(each.value for each in node.keywords)]
            rules = [each.value for each in node.keywords if each.arg in {"error", "errors"}]
            for argument in spoken if name_of(node) in SPEAKERS else rules:
                yield from sentences(argument)
        if isinstance(node, ast.FunctionDef):
            # A field's messages stand in lists of their own.
            for each in ast.walk(node):
                if isinstance(each, ast.List) and len(each.elts) == 1:
                    yield from sentences(each)


@pytest.mark.parametrize("domain", DOMAINS)
def test_no_sentence_is_unmarked(domain):
    found = [
        f"{path.relative_to(ROOT)}:{line} {text}"
        for path in sorted((ROOT / domain).rglob("*.py"))
        if not path.name.startswith("examples") and "versions" not in path.parts
        for line, text in set(unmarked(path.read_text(encoding="utf-8")))
    ]
    assert not found, ADVICE


@pytest.mark.parametrize(
    "code",
    [
        'raise NotFound("There is no such thing.")',
        'raise errors.NotFound("There is no such thing.")',
        'raise Invalid({"a": ["Must be good."]})',
        'raise ValidationError({name: [f"Must be {kind} here."]})',
        'validate.Length(max=3, error="Must be so long.")',
        'def check(self):\n    self.errors[name] = ["Must be good."]',
    ],
)
def test_the_search_finds_unmarked_sentences(code):
    assert list(unmarked(code))


@pytest.mark.parametrize(
    "code",
    [
        'raise NotFound(lazy_gettext("There is no such thing."))',
        'raise BadRequest(lazy_gettext("Is wrong here."), error="invalid_grant")',
        'raise Invalid({"Must be a key.": [UNKNOWN]})',
    ],
)
def test_the_search_passes_over_marked_ones(code):
    assert not list(unmarked(code))
