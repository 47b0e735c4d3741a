"""The shipped alerts and dashboard: what they ask for exists, and Prometheus' own tool accepts them."""

import json
import re
import shutil
import subprocess

import pytest

from common.config import ROOT

PROMETHEUS = ROOT / "deploy" / "prometheus"
DASHBOARD = ROOT / "deploy" / "grafana" / "dashboard.json"
OPERATIONS = ROOT / "docs" / "operations"
PROMTOOL = shutil.which("promtool")
# Names that PromQL has itself, and labels.
NAMES = re.compile(r"\b([a-z_]+_[a-z_0-9]+)(?=[{\[ )]|$)")
PROMQL = {"histogram_quantile", "min_over_time", "label_values"}


def exposed(text):
    """The names of all series, also of those that have none yet."""
    names = set()
    for name, kind in re.findall(r"^# TYPE (\S+) (\S+)", text, re.MULTILINE):
        names |= (
            {f"{name}_{part}" for part in ("count", "sum", "bucket")}
            if kind == "histogram"
            else {name}
        )
    # When a counter began, which only the process itself says.
    return {name for name in names if not name.endswith("_created")}


def expressions():
    panels = json.loads(DASHBOARD.read_text())["panels"]
    yield from (target["expr"] for panel in panels for target in panel["targets"])
    text = (PROMETHEUS / "alerts.yml").read_text()
    yield from re.findall(r"expr: (?:>-\n((?: {10}.*\n)+)|.*)", text)
    yield from re.findall(r"expr: ([^>\n].*)", text)


def asked_for():
    for expression in expressions():
        without_labels = re.sub(r"\{[^}]*\}|by \([^)]*\)", " ", expression)
        yield from set(NAMES.findall(without_labels)) - PROMQL


def test_every_metric_that_is_asked_for_is_exposed(client):
    names = exposed(client.get("/metrics").text)
    # Seen with a standby alone.
    names.add("database_replica_lag_seconds")
    missing = {name for name in asked_for() if name not in names}
    assert not missing
    assert len({*asked_for()}) > 15


def test_every_metric_of_the_service_is_on_the_dashboard_or_alerted(client):
    ours = {
        name
        for name in exposed(client.get("/metrics").text)
        if name.startswith(("database_", "cache_", "redis_", "build_", "activity_default"))
    }
    assert ours - {*asked_for()} == set()


def test_the_operations_page_explains_what_is_asked_for():
    page = (OPERATIONS / "monitoring.md").read_text()
    for name in {*asked_for()}:
        family = re.sub(r"_(count|sum|bucket)$", "", name)
        short = "…_" + family.rpartition("_")[2]
        known = family in page or (family.startswith("database_connections") and short in page)
        assert known or family.startswith("mail_"), name


def test_the_runbook_says_what_to_do_about_each_alert():
    alerts = re.findall(r"- alert: (\w+)", (PROMETHEUS / "alerts.yml").read_text())
    headings = re.findall(r"^### (.*)$", (OPERATIONS / "runbook.md").read_text(), re.MULTILINE)
    assert alerts and headings[: len(alerts)] == alerts


def test_panels_lie_beside_each_other():
    panels = json.loads(DASHBOARD.read_text())["panels"]
    taken = set()
    for panel in panels:
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & taken and at["x"] + at["w"] <= 24, panel["title"]
        taken |= cells
    assert len({panel["id"] for panel in panels}) == len(panels)


def test_every_alert_says_what_is_wrong_and_what_to_do():
    text = (PROMETHEUS / "alerts.yml").read_text()
    alerts = text.split("- alert: ")[1:]
    assert len(alerts) > 10
    for alert in alerts:
        assert "summary: " in alert and "description: " in alert and "severity: " in alert


def promtool(*arguments):
    assert PROMTOOL is not None
    command = [PROMTOOL, *arguments]
    done = subprocess.run(command, cwd=PROMETHEUS, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(PROMTOOL is None, reason="no promtool")
def test_promtool_accepts_the_alerts_and_they_fire_when_they_should():
    promtool("check", "rules", "--lint-fatal", "alerts.yml")
    promtool("test", "rules", "alerts_test.yml")


@pytest.mark.skipif(PROMTOOL is None, reason="no promtool")
def test_promtool_accepts_the_scrape_configuration():
    promtool("check", "config", "--syntax-only", "scrape.yml")


@pytest.mark.skipif(PROMTOOL is None, reason="no promtool")
def test_promtool_accepts_what_is_exposed(client):
    text = client.get("/metrics").text
    done = subprocess.run(
        [str(PROMTOOL), "check", "metrics", "--extended"],
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
    )
    # It also has opinions on names, which it tells by 3; what is malformed it tells by 1.
    assert done.returncode in {0, 3}, done.stdout + done.stderr
