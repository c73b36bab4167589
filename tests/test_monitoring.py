"""The alert rules, the dashboard and the runbook speak of metrics and headings that exist."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from integrations.exposition import exposition
from tests.documents import ROOT

MONITORING = ROOT / "deploy" / "monitoring"
RULES = [
    rule
    for group in yaml.safe_load((MONITORING / "alerts.yaml").read_text())["groups"]
    for rule in group["rules"]
]
PANELS = json.loads((MONITORING / "grafana.json").read_text())["panels"]
EXPRESSIONS = [rule["expr"] for rule in RULES] + [
    target["expr"] for panel in PANELS for target in panel["targets"]
]


@pytest.mark.django_db
def test_alerts_and_dashboard_ask_for_metrics_that_are_exposed() -> None:
    families = text_string_to_metric_families(exposition().decode())
    exposed = {f"{family.name}{suffix}" for family in families for suffix in _SUFFIXES}

    asked = {name for each in EXPRESSIONS for name in re.findall(r"\balloy_\w+", each)}

    assert asked
    assert asked <= exposed


_SUFFIXES = ("", "_total", "_bucket", "_count", "_sum")


def test_each_alert_leads_to_a_heading_of_the_runbook() -> None:
    headings = re.findall(r"^## (.+)$", (ROOT / "docs/runbook.md").read_text(), re.MULTILINE)
    anchors = {f"docs/runbook.md#{each.lower().replace(' ', '-')}" for each in headings}

    assert {rule["annotations"]["runbook"] for rule in RULES} <= anchors


def test_prometheus_itself_can_read_the_rules_and_the_dashboards_questions(tmp_path: Path) -> None:
    if not shutil.which("promtool"):
        pytest.skip("needs promtool, which comes with Prometheus")
    asked = [
        {"record": f"panel:{number}", "expr": each.replace("$__rate_interval", "5m")}
        for number, each in enumerate(EXPRESSIONS)
    ]
    questions = tmp_path / "dashboard.yaml"
    questions.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": asked}]}))
    command = ["promtool", "check", "rules", str(MONITORING / "alerts.yaml"), str(questions)]

    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
