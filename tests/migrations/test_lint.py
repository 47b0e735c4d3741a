"""What an exception lets through, and that none outlives what it was made for."""

import pytest

from tests.migrations.lint import unexcepted, unused

pytestmark = pytest.mark.quick

WARNINGS = [
    {"revision": "0030", "rule_name": "ban-drop-column", "message": "No.", "statement": "alter …"},
    {"revision": "0031", "rule_name": "prefer-text-field", "message": "No.", "statement": "…"},
]


def test_a_warning_without_an_exception_is_reported_with_its_statement():
    assert unexcepted(WARNINGS, {"everywhere": {"prefer-text-field": "why"}}) == [
        "0030: ban-drop-column: No.\n    alter …"
    ]


def test_an_exception_holds_for_its_migration_alone():
    exceptions = {"0031": {"ban-drop-column": "why", "prefer-text-field": "why"}}
    assert [line.partition(":")[0] for line in unexcepted(WARNINGS, exceptions)] == ["0030"]
    assert unused(WARNINGS, exceptions) == [
        "exceptions.toml: 0031: ban-drop-column is not warned of"
    ]


def test_exceptions_that_are_all_needed_leave_nothing_to_report():
    exceptions = {
        "everywhere": {"prefer-text-field": "why"},
        "0030": {"ban-drop-column": "why"},
    }
    assert unexcepted(WARNINGS, exceptions) == unused(WARNINGS, exceptions) == []
