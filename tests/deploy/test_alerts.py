"""Alerts name what the code shows, say what to do, and fire when they should."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.observability.prometheus import slo_rules
from tests.deploy import observability
from tests.deploy.promtool import PromtoolUnavailable, promtool
from tests.deploy.vocabulary import Unknown, Vocabulary

ALERTS = observability.alerts()
RULE_FILES = sorted(observability.RULES.glob("*.yml"))
TEST_FILES = sorted(observability.RULE_TESTS.glob("*.yml"))
_TEMPLATE_LABEL = re.compile(r"\$labels\.(\w+)")


@pytest.fixture(scope="module")
def tool() -> str:
    """Return promtool; without it tests are skipped, but never in CI."""
    try:
        return promtool()
    except PromtoolUnavailable as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return observability.vocabulary()


def run(tool: str, *arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [tool, *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=300
    )


def faults(alert: dict[str, Any], known: Vocabulary, anchors: set[str]) -> list[str]:
    """Return what is wrong with an alert."""
    found = []
    try:
        labels = known.check(alert["expr"])
    except Unknown as error:
        return [str(error)]
    annotations = alert.get("annotations", {})
    if alert.get("labels", {}).get("severity") not in ("page", "ticket"):
        found.append("severity is page or ticket")
    if not annotations.get("summary"):
        found.append("it has no summary")
    unknown = set(_TEMPLATE_LABEL.findall(str(annotations))) - labels
    if unknown:
        found.append(f"its result has no label {', '.join(sorted(unknown))}")
    page, _, anchor = annotations.get("runbook", "").partition("#")
    if page != "docs/runbook.md" or anchor not in anchors:
        found.append("the runbook has no such section")
    return found


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_is_well_made(name: str, vocabulary: Vocabulary) -> None:
    assert faults(ALERTS[name], vocabulary, observability.runbook_anchors()) == []
    assert ALERTS[name]["annotations"]["runbook"] == f"docs/runbook.md#{name.lower()}"


def test_every_alert_is_made_to_fire() -> None:
    fired = {
        case["alertname"]
        for file in TEST_FILES
        for test in yaml.safe_load(file.read_text())["tests"]
        for case in test.get("alert_rule_test", ())
        if case["exp_alerts"]
    }
    assert sorted(set(ALERTS) - fired) == []


def test_the_rules_of_the_promises_are_those_of_their_specification() -> None:
    specified = yaml.safe_load((slo_rules.FOLDER / "slos.yml").read_text())
    assert (observability.RULES / "slo.yml").read_text() == slo_rules.text(specified), (
        "run python deploy/observability/prometheus/slo_rules.py"
    )


def test_the_impossible_pages() -> None:
    for name in ("TheImpossibleHappened", "BooksUnbalanced", "AuditLogBroken", "DeadlineMissed"):
        assert ALERTS[name]["labels"]["severity"] == "page"
        assert "for" not in ALERTS[name]


@pytest.mark.parametrize("file", RULE_FILES, ids=lambda file: file.name)
def test_promtool_takes_the_rules(file: Path, tool: str) -> None:
    checked = run(tool, "check", "rules", "--lint-fatal", str(file))
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("file", TEST_FILES, ids=lambda file: file.name)
def test_alerts_fire_when_they_should(file: Path, tool: str) -> None:
    tested = run(tool, "test", "rules", file.name, folder=file.parent)
    assert tested.returncode == 0, tested.stdout + tested.stderr


class TestPlantedFaults:
    GOOD = ALERTS["OutboxStuck"]

    @pytest.mark.parametrize(
        ("change", "expected"),
        [
            ({"expr": "forbear_outbox_age > 20"}, "nobody shows forbear_outbox_age"),
            ({"labels": {}}, "severity is page or ticket"),
            ({"labels": {"severity": "critical"}}, "severity is page or ticket"),
            ({"annotations": {}}, "it has no summary"),
            (
                {"expr": "max(forbear_outbox_backlog) > 20"},
                "its result has no label forbear_service",
            ),
            (
                {"annotations": {"summary": "x", "runbook": "docs/runbook.md#nowhere"}},
                "the runbook has no such section",
            ),
        ],
    )
    def test_in_an_alert_are_found(
        self, change: dict[str, Any], expected: str, vocabulary: Vocabulary
    ) -> None:
        found = faults(self.GOOD | change, vocabulary, observability.runbook_anchors())
        assert expected in found

    def test_in_a_rule_are_found_by_promtool(self, tool: str, tmp_path: Path) -> None:
        broken = (observability.RULES / "flow.yml").read_text().replace("> 20", "> > 20")
        (tmp_path / "flow.yml").write_text(broken)
        assert run(tool, "check", "rules", str(tmp_path / "flow.yml")).returncode != 0

    def test_in_a_threshold_are_found_by_the_rule_tests(self, tool: str, tmp_path: Path) -> None:
        for folder in ("rules", "tests"):
            (tmp_path / folder).mkdir()
        rules = (observability.RULES / "compliance.yml").read_text()
        (tmp_path / "rules" / "compliance.yml").write_text(rules.replace("> 0", "> 5"))
        cases = (observability.RULE_TESTS / "compliance.yml").read_text()
        (tmp_path / "tests" / "compliance.yml").write_text(cases)
        tested = run(tool, "test", "rules", "compliance.yml", folder=tmp_path / "tests")
        assert tested.returncode != 0
        assert "BooksUnbalanced" in tested.stdout + tested.stderr
