"""The files under deploy/observability, read."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.deploy.vocabulary import Vocabulary

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy" / "observability"
RULES = FOLDER / "prometheus" / "rules"
RULE_TESTS = FOLDER / "prometheus" / "tests"
RUNBOOK = ROOT / "docs" / "runbook.md"
METRICS = ROOT / "docs" / "metrics.md"


def dashboards() -> dict[str, dict[str, Any]]:
    """Return every dashboard by its file's name."""
    files = sorted((FOLDER / "grafana" / "dashboards").glob("*.json"))
    return {each.name: json.loads(each.read_text()) for each in files}


def rules() -> Iterator[dict[str, Any]]:
    """Yield every rule of every file."""
    for file in sorted(RULES.glob("*.yml")):
        for group in yaml.safe_load(file.read_text())["groups"]:
            yield from group["rules"]


def alerts() -> dict[str, dict[str, Any]]:
    """Return every alert by its name."""
    return {each["alert"]: each for each in rules() if "alert" in each}


def vocabulary() -> Vocabulary:
    """Return what may be named: what the code declares, and what our rules record."""
    known = Vocabulary()
    for each in rules():
        if "record" in each:
            known.learn(each["record"], each["expr"], each.get("labels", ()))
    return known


def runbook_anchors() -> set[str]:
    """Return the anchors of the runbook's sections."""
    lines = RUNBOOK.read_text().splitlines()
    titles = (line.lstrip("#").strip() for line in lines if line.startswith("#"))
    return {title.lower().replace(" ", "-") for title in titles}
