"""Writes the rule files as one PrometheusRule, for whoever runs the Prometheus operator.

`python -m tests.deploy.prometheus_rule` writes it; a test compares.
"""

import sys
from pathlib import Path

import yaml

from tests.deploy.documents import ROOT
from tests.deploy.observability import RULES

FILE = ROOT / "deploy" / "k8s" / "components" / "monitoring" / "rules.yaml"
_HEAD = "# Made from deploy/observability/prometheus/rules: `make deploy-rules`.\n"


def text(folder: Path = RULES) -> str:
    """Return the manifest."""
    groups = [
        group
        for file in sorted(folder.glob("*.yml"))
        for group in yaml.safe_load(file.read_text())["groups"]
    ]
    manifest = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "forbear"},
        "spec": {"groups": groups},
    }
    return _HEAD + yaml.safe_dump(manifest, sort_keys=False, width=100)


if __name__ == "__main__":
    FILE.write_text(text())
    sys.stdout.write(f"Wrote {FILE.relative_to(ROOT)}\n")
