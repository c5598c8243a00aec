"""Collector, Prometheus and Grafana reach one another, and let through what the code declares."""

import copy
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from shared.telemetry.attributes import SPAN_ATTRIBUTES
from tests.deploy import prometheus_rule
from tests.deploy.compose_checks import listening
from tests.deploy.documents import (
    OBSERVABILITY,
    OVERLAYS,
    ROOT,
    compose,
    of_kind,
    overlay,
    read_yaml,
)
from tests.deploy.finding import Finding
from tests.deploy.observability import dashboards, vocabulary
from tests.deploy.promtool import PromtoolUnavailable, promtool

COLLECTOR = read_yaml(OBSERVABILITY / "collector" / "config.yaml")
PROMETHEUS = read_yaml(OBSERVABILITY / "prometheus" / "prometheus.yml")
DATASOURCES = read_yaml(OBSERVABILITY / "grafana" / "provisioning" / "datasources" / "forbear.yml")
PROVIDERS = read_yaml(OBSERVABILITY / "grafana" / "provisioning" / "dashboards" / "forbear.yml")
OF_THE_SENDER = re.compile(
    r"^((service|telemetry\.sdk|process)\.[a-z.]+|deployment\.environment\.name)$"
)
Parts = dict[str, Any]


def collector(config: Parts) -> Iterator[Finding]:
    """Only what is allowed leaves, and every part of the pipelines is there."""

    def wrong(check: str, what: object) -> Finding:
        return Finding(check=check, where="collector", what=str(what))

    redaction = config["processors"].get("redaction", {})
    allowed = set(redaction.get("allowed_keys", ()))
    if redaction.get("allow_all_keys") is not False:
        yield wrong("redaction", "everything is allowed")
    for name in sorted(SPAN_ATTRIBUTES - allowed):
        yield wrong("redaction", f"{name} is sent and not allowed")
    for name in sorted(allowed - SPAN_ATTRIBUTES):
        if not OF_THE_SENDER.match(name):
            yield wrong("redaction", f"{name} is allowed and never sent")
    for name, pipeline in config["service"]["pipelines"].items():
        for kind in ("receivers", "processors", "exporters"):
            for missing in sorted(set(pipeline[kind]) - config[kind].keys()):
                yield wrong("pipeline", f"{name}: {missing}")
        processors = pipeline["processors"]
        if processors[:1] != ["memory_limiter"] or "redaction" not in processors:
            yield wrong("redaction", f"{name} is not bounded and redacted")


def reached(prometheus: Parts, datasources: Parts, config: Parts) -> Iterator[Finding]:
    """Everything that is asked listens where it is asked."""
    listened = listening(compose())

    def listens(place: str) -> bool:
        host, _, port = place.partition(":")
        host = "prometheus" if host == "127.0.0.1" else host
        return int(port) in listened.get(host, frozenset())

    targets = {
        target
        for job in prometheus["scrape_configs"]
        for group in job["static_configs"]
        for target in group["targets"]
    }
    asked = {each["name"]: urlsplit(each["url"]).netloc for each in datasources["datasources"]}
    asked |= {name: urlsplit(each["endpoint"]).netloc for name, each in config["exporters"].items()}
    for where, place in [*(("prometheus.yml", each) for each in targets), *asked.items()]:
        if not listens(place):
            yield Finding(check="address", where=where, what=f"nothing listens at {place}")
    for name, ports in listened.items():
        if name.removesuffix("-relay") in ("ledger", "contact", "disputes", "compliance"):
            if not {f"{name}:{port}" for port in ports} <= targets:
                yield Finding(check="unmonitored", where="prometheus.yml", what=name)


def check(parts: Parts) -> list[Finding]:
    found = [*collector(parts["collector"])]
    return [*found, *reached(parts["prometheus"], parts["datasources"], parts["collector"])]


WHOLE: Parts = {"collector": COLLECTOR, "prometheus": PROMETHEUS, "datasources": DATASOURCES}


def test_holds_together() -> None:
    assert [str(each) for each in check(WHOLE)] == []


FAULTS: dict[str, tuple[str, Callable[[Parts], object]]] = {
    "no redaction": (
        "redaction",
        lambda p: p["collector"]["service"]["pipelines"]["traces"].update(
            processors=["memory_limiter", "batch"]
        ),
    ),
    "everything allowed": (
        "redaction",
        lambda p: p["collector"]["processors"]["redaction"].update(allow_all_keys=True),
    ),
    "an attribute that is never sent": (
        "redaction",
        lambda p: p["collector"]["processors"]["redaction"]["allowed_keys"].append("user.email"),
    ),
    "an attribute that would be lost": (
        "redaction",
        lambda p: p["collector"]["processors"]["redaction"]["allowed_keys"].remove("http.route"),
    ),
    "a part that is not there": (
        "pipeline",
        lambda p: p["collector"]["service"]["pipelines"]["traces"].update(exporters=["tempo"]),
    ),
    "a target that is not there": (
        "address",
        lambda p: p["prometheus"]["scrape_configs"][0]["static_configs"][0].update(
            targets=["ledger:8102"]
        ),
    ),
    "a process that nobody asks": (
        "unmonitored",
        lambda p: p["prometheus"]["scrape_configs"][0]["static_configs"].pop(),
    ),
    "a datasource that is not there": (
        "address",
        lambda p: p["datasources"]["datasources"][0].update(url="http://prometheus:9091"),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault: str) -> None:
    expected, plant = FAULTS[fault]
    parts = copy.deepcopy(WHOLE)
    plant(parts)
    assert expected in {each.check for each in check(parts)}


def test_what_the_guide_to_traces_sets_is_let_through() -> None:
    guide = (ROOT / "docs" / "tracing.md").read_text()
    named = re.findall(r"`OTEL_RESOURCE_ATTRIBUTES` \| `([a-z.]+)=", guide)
    assert named
    assert set(named) <= set(COLLECTOR["processors"]["redaction"]["allowed_keys"])


@pytest.mark.parametrize(
    "text",
    [
        "ana@example.com",
        "call +1 312 555 0142",
        "(312) 555-0142",
        "3125550142",
        "078-05-1120",
        "sk_live_abcdef0123",
    ],
)
def test_what_looks_like_a_persons_is_blocked(text: str) -> None:
    patterns = COLLECTOR["processors"]["redaction"]["blocked_values"]
    assert any(re.search(pattern, text) for pattern in patterns)


@pytest.mark.parametrize(
    "text",
    [
        "acct_01jd3k5v8x2m4n6p7q9r1s3t5v",
        "prm_01jd31255501422m4n6p7q9r1s",
        "forbear.compliance.permit-denied.v1",
        "/v1/accounts/{account_id}",
        "2026-11-22T04:52:49.108Z",
    ],
)
def test_what_is_ours_passes(text: str) -> None:
    patterns = COLLECTOR["processors"]["redaction"]["blocked_values"]
    assert [pattern for pattern in patterns if re.search(pattern, text)] == []


def test_dashboards_are_provisioned_from_the_same_files_everywhere() -> None:
    (provider,) = PROVIDERS["providers"]
    mounted = [str(each) for each in compose()["services"]["grafana"]["volumes"]]
    assert f"./deploy/observability/grafana/dashboards:{provider['options']['path']}:ro" in mounted
    kustomized = read_yaml(OBSERVABILITY / "grafana" / "kustomization.yaml")
    (generator,) = kustomized["configMapGenerator"]
    assert generator["files"] == [f"dashboards/{name}" for name in dashboards()]
    assert "prometheus" in {each["type"] for each in DATASOURCES["datasources"]}


def test_the_operators_rules_are_those_of_the_rule_files() -> None:
    assert prometheus_rule.FILE.read_text() == prometheus_rule.text(), "run `make deploy-rules`"


@pytest.mark.parametrize("name", OVERLAYS)
def test_what_scales_asks_for_what_the_code_declares(name: str) -> None:
    known = vocabulary()
    for each in of_kind(overlay(name), "ScaledObject"):
        for trigger in each["spec"]["triggers"]:
            if trigger["type"] == "prometheus":
                known.check(trigger["metadata"]["query"])


def test_prometheus_takes_its_configuration() -> None:
    try:
        tool = promtool()
    except PromtoolUnavailable as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
    done = subprocess.run(
        [tool, "check", "config", str(OBSERVABILITY / "prometheus" / "prometheus.yml")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
