"""The compose file holds together, and each check of it has been seen to object."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.deploy.compose_checks import check
from tests.deploy.documents import ROOT, compose

EXAMPLE = (ROOT / ".env.example").read_text()
DOCUMENT = compose()
Services = dict[str, Any]


def test_holds_together() -> None:
    assert [str(each) for each in check(DOCUMENT, EXAMPLE)] == []


def _cycle(services: Services) -> None:
    services["postgres"]["depends_on"] = {"ledger": {"condition": "service_healthy"}}
    services["ledger"]["depends_on"]["postgres"] = {"condition": "service_healthy"}


FAULTS: dict[str, tuple[str, Callable[[Services], object]]] = {
    "a command that is none": ("command", lambda s: s["ledger"].update(command=["sell", "ledger"])),
    "a service that is none": ("command", lambda s: s["ledger"].update(command=["serve", "debts"])),
    "an unknown variable": (
        "unknown-setting",
        lambda s: s["contact"]["environment"].update(FORBEAR_SMPT_HOST="mail"),
    ),
    "a variable of another process": (
        "unknown-setting",
        lambda s: s["ledger-relay"]["environment"].update(FORBEAR_MASTER_KEY="x"),
    ),
    "a required variable gone": (
        "missing-setting",
        lambda s: s["compliance"]["environment"].pop("FORBEAR_AUDIT_SIGNING_KEY"),
    ),
    "an administrator without the public keys": (
        "missing-setting",
        lambda s: s["migrate"]["environment"].pop("FORBEAR_PUBLIC_KEYS"),
    ),
    "a published port where nothing listens": (
        "port",
        lambda s: s["ledger"].update(ports=["127.0.0.1:8101:8111"]),
    ),
    "a port open to the network": ("port", lambda s: s["ledger"].update(ports=["8101:8101"])),
    "no healthcheck": ("healthcheck", lambda s: s["kafka"].pop("healthcheck")),
    "a healthcheck switched off": (
        "healthcheck",
        lambda s: s["disputes-relay"].update(healthcheck={"disable": True}),
    ),
    "a healthcheck at a wrong port": (
        "healthcheck",
        lambda s: s["ledger"]["healthcheck"].update(test=["CMD", "healthy", "8102", "/readyz"]),
    ),
    "a healthcheck at a wrong path": (
        "healthcheck",
        lambda s: s["ledger"]["healthcheck"].update(test=["CMD", "healthy", "8101", "/health"]),
    ),
    "a healthcheck without bounds": (
        "healthcheck",
        lambda s: s["kafka"]["healthcheck"].pop("timeout"),
    ),
    "a dependency that is not there": (
        "depends-on",
        lambda s: s["ledger"]["depends_on"].update(redis={"condition": "service_healthy"}),
    ),
    "a dependency on itself": ("depends-on", _cycle),
    "a job that never ends": ("depends-on", lambda s: s["migrate"].update(restart="always")),
    "a service before its schema": (
        "depends-on",
        lambda s: s["ledger"]["depends_on"].pop("migrate"),
    ),
    "a privileged container": ("privileged", lambda s: s["kafka"].update(privileged=True)),
    "root": ("root", lambda s: s["ledger"].update(user="0:0")),
    "a writable root": ("writable-root", lambda s: s["ledger"].pop("read_only")),
    "capabilities kept": ("capabilities", lambda s: s["grafana"].pop("cap_drop")),
    "new privileges": ("new-privileges", lambda s: s["postgres"].pop("security_opt")),
    "the host's network": ("host-namespace", lambda s: s["ledger"].update(network_mode="host")),
    "the engine's socket": (
        "engine-socket",
        lambda s: s["collector"].update(volumes=["/var/run/docker.sock:/var/run/docker.sock"]),
    ),
    "a fixed name": ("fixed-name", lambda s: s["ledger"].update(container_name="ledger")),
    "no limits": ("no-limits", lambda s: s["contact"].pop("mem_limit")),
    "the latest image": ("image-tag", lambda s: s["kafka"].update(image="apache/kafka:latest")),
    "an image without a tag": ("image-tag", lambda s: s["kafka"].update(image="apache/kafka")),
    "a volume that is not declared": (
        "volume",
        lambda s: s["postgres"].update(volumes=["data:/var/lib/postgresql/data"]),
    ),
    "a folder that is not there": (
        "volume",
        lambda s: s["prometheus"].update(volumes=["./prometheus:/etc/prometheus", "prometheus:/x"]),
    ),
    "a variable that no example names": (
        "example",
        lambda s: s["contact"]["environment"].update(FORBEAR_SMTP_HOST="${MAIL_HOST:-mailbox}"),
    ),
    "a secret with a default": (
        "example",
        lambda s: s["ledger"]["environment"].update(
            FORBEAR_LEDGER_SIGNING_KEY="${FORBEAR_LEDGER_SIGNING_KEY:-AAAA}"
        ),
    ),
    "an address where nothing listens": (
        "address",
        lambda s: s["contact"]["environment"].update(
            FORBEAR_COMPLIANCE_URL="http://compliance:8103"
        ),
    ),
    "brokers that are not there": (
        "address",
        lambda s: s["ledger"]["environment"].update(FORBEAR_KAFKA_BOOTSTRAP_SERVERS="broker:9092"),
    ),
    "too few connections": (
        "connections",
        lambda s: s["ledger"]["environment"].update(FORBEAR_POOL_SIZE_MAX="90"),
    ),
    "topics made by themselves": (
        "topics",
        lambda s: s["kafka"]["environment"].pop("KAFKA_AUTO_CREATE_TOPICS_ENABLE"),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault: str) -> None:
    expected, plant = FAULTS[fault]
    document = copy.deepcopy(DOCUMENT)
    plant(document["services"])
    news = set(check(document, EXAMPLE)) - set(check(DOCUMENT, EXAMPLE))
    assert expected in {each.check for each in news}


def test_a_secret_in_the_example_is_found() -> None:
    leaking = EXAMPLE.replace("FORBEAR_MASTER_KEY=", "FORBEAR_MASTER_KEY=AAAA")
    assert {each.check for each in check(DOCUMENT, leaking)} == {"example"}
