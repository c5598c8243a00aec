"""Writes rules/slo.yml from slos.yml: error ratios over windows, and burn-rate alerts on them.

An alert fires when the budget of thirty days is spent too fast over a long window and still is
over a short one, so that it fires early and ends soon (Google SRE Workbook, chapter 5).
"""

from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
RUNBOOK = "docs/runbook.md"
# How many times too fast, over which long and which short window.
FAST = ((14.4, "1h", "5m"), (6.0, "6h", "30m"))
SLOW = ((3.0, "1d", "2h"), (1.0, "3d", "6h"))
HEADER = "# Made by slo_rules.py from slos.yml; change that.\n"


def rules(specification: dict[str, Any]) -> dict[str, Any]:
    """Return the rule groups of a specification in Sloth's format."""
    groups = []
    for slo in specification["slos"]:
        recorded = [_ratio(slo, window) for window in WINDOWS]
        alerts = [
            _alert(slo, "BurnsFast", FAST, "page"),
            _alert(slo, "BurnsSlowly", SLOW, "ticket"),
        ]
        groups.append({"name": f"slo-{slo['name']}", "rules": [*recorded, *alerts]})
    return {"groups": groups}


def text(specification: dict[str, Any]) -> str:
    """Return the file."""
    return HEADER + yaml.safe_dump(rules(specification), sort_keys=False, width=100)


def _ratio(slo: dict[str, Any], window: str) -> dict[str, Any]:
    events = slo["sli"]["events"]
    error, total = (
        events[each].replace("{{.window}}", window) for each in ("error_query", "total_query")
    )
    return {
        "record": f"slo:error:ratio_rate{window}",
        "expr": f"({error}) / ({total})",
        "labels": {"slo": slo["name"]},
    }


def _alert(
    slo: dict[str, Any], suffix: str, burns: tuple[tuple[float, str, str], ...], severity: str
) -> dict[str, Any]:
    budget = (100 - slo["objective"]) / 100
    name = slo["name"]
    expression = " or ".join(
        f'(slo:error:ratio_rate{long}{{slo="{name}"}} > {times * budget:.6g}'
        f' and slo:error:ratio_rate{short}{{slo="{name}"}} > {times * budget:.6g})'
        for times, long, short in burns
    )
    return {
        "alert": f"{name}{suffix}",
        "expr": expression,
        "labels": {"severity": severity},
        "annotations": {
            "summary": f"{slo['description']} Missed {{{{ $value | humanizePercentage }}}} of the"
            f" time; {slo['objective']} % are promised.",
            "runbook": f"{RUNBOOK}#{name.lower()}{suffix.lower()}",
        },
    }


if __name__ == "__main__":
    specified = yaml.safe_load((FOLDER / "slos.yml").read_text())
    (FOLDER / "rules" / "slo.yml").write_text(text(specified))
