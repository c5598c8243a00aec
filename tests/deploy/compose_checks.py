"""Checks of the compose file."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from tests.deploy.documents import ROOT, Document, interpolated, variables
from tests.deploy.finding import Finding
from tests.deploy.processes import (
    HEALTH_PATHS,
    NoCommand,
    Process,
    connections_of,
    drawn,
    process_of,
)

#: What listens where in other people's images; ours say it themselves.
LISTENING: Mapping[str, frozenset[int]] = {
    "postgres": frozenset((5432,)),
    "kafka": frozenset((9092, 9093)),
    "collector": frozenset((4318, 8888)),
    "jaeger": frozenset((4318, 16686)),
    "prometheus": frozenset((9090,)),
    "grafana": frozenset((3000,)),
}
#: A job, and images without any program that could ask.
UNASKED = frozenset(("migrate", "collector", "jaeger"))
PEOPLE = 10  # migrations, administration, backups
_LOOPBACK = "127.0.0.1"
_IMAGE = re.compile(r"^[a-z0-9./-]+:[A-Za-z0-9][\w.-]*(@sha256:[0-9a-f]{64})?$")


def is_ours(service: Document) -> bool:
    """Tell whether a service runs our image."""
    return "build" in service


def environment(service: Document) -> dict[str, str]:
    """Return a service's variables as its process finds them; empty ones are not set."""
    given = {
        name: interpolated(value, drawn()) for name, value in service.get("environment", {}).items()
    }
    return {name: value for name, value in given.items() if value}


def _processes(document: Document) -> Iterator[tuple[str, Document, Process]]:
    for name, service in document["services"].items():
        if is_ours(service):
            try:
                yield name, service, process_of(service["command"])
            except NoCommand:
                continue


def commands(document: Document) -> Iterator[Finding]:
    """Every command is one that `forbear` takes."""
    for name, service in document["services"].items():
        if is_ours(service):
            try:
                process_of(service.get("command", []))
            except NoCommand as error:
                yield Finding(check="command", where=name, what=str(error))


def settings(document: Document) -> Iterator[Finding]:
    """Every variable is a setting of its process, and none that it requires is missing."""
    for name, service, process in _processes(document):
        known = {each.name for each in process.settings}
        for variable in sorted(service.get("environment", {}).keys() - known):
            yield Finding(check="unknown-setting", where=name, what=variable)
        for variable in sorted(process.needed - environment(service).keys()):
            yield Finding(check="missing-setting", where=name, what=variable)


def listening(document: Document) -> dict[str, frozenset[int]]:
    """Return at which ports each service listens."""
    ports = {name: LISTENING.get(name, frozenset()) for name in document["services"]}
    for name, service, process in _processes(document):
        given = environment(service)
        numbers = [given.get(process.port_setting or "")]
        if process.kind == "mailbox":
            numbers.append(given.get("FORBEAR_SMTP_PORT"))
        ports[name] = frozenset(int(each) for each in numbers if each)
    return ports


def ports(document: Document) -> Iterator[Finding]:
    """What is published is listened at, and by this machine alone."""
    listened = listening(document)
    for name, service in document["services"].items():
        for published in service.get("ports", ()):
            host, _, rest = str(published).partition(":")
            inner = int(rest.rpartition(":")[2])
            if host != _LOOPBACK:
                yield Finding(check="port", where=name, what=f"{published} is open to the network")
            if inner not in listened[name]:
                yield Finding(check="port", where=name, what=f"nothing listens at {inner}")


def health(document: Document) -> Iterator[Finding]:
    """Everything is asked how it feels, at a port and a path that exist."""
    for name, service in document["services"].items():
        asked = service.get("healthcheck", {})
        if name in UNASKED:
            continue
        if asked.get("disable") or not asked.get("test"):
            yield Finding(check="healthcheck", where=name, what="there is none")
            continue
        if {"interval", "timeout", "retries", "start_period"} - asked.keys():
            yield Finding(check="healthcheck", where=name, what="it is not bounded in time")
        if is_ours(service):
            yield from _health_of_ours(name, asked["test"], listening(document)[name])


def _health_of_ours(name: str, test: list[str], listened: frozenset[int]) -> Iterator[Finding]:
    if test[:2] != ["CMD", "healthy"] or len(test) != 4:
        yield Finding(check="healthcheck", where=name, what="use CMD healthy PORT PATH")
        return
    if int(test[2]) not in listened:
        yield Finding(check="healthcheck", where=name, what=f"nothing listens at {test[2]}")
    if test[3] not in (HEALTH_PATHS if name != "mailbox" else {"/"}):
        yield Finding(check="healthcheck", where=name, what=f"there is no {test[3]}")


def dependencies(document: Document) -> Iterator[Finding]:
    """What is waited for exists, can come to pass, and does not wait for who waits for it."""
    services = document["services"]
    graph = {name: service.get("depends_on", {}) for name, service in services.items()}
    for name, waited in graph.items():
        for other, how in waited.items():
            if other not in services:
                yield Finding(check="depends-on", where=name, what=f"there is no {other}")
                continue
            condition = how["condition"]
            is_asked = not services[other].get("healthcheck", {}).get("disable", False)
            ends = str(services[other].get("restart", "no")).startswith(("no", "on-failure"))
            if condition == "service_healthy" and not is_asked:
                yield Finding(check="depends-on", where=name, what=f"{other} is never healthy")
            if condition == "service_completed_successfully" and not ends:
                yield Finding(check="depends-on", where=name, what=f"{other} never ends")
        if name in _reached(graph, name):
            yield Finding(check="depends-on", where=name, what="it waits for itself")
        needs_schema = is_ours(services[name]) and name not in ("migrate", "mailbox")
        if needs_schema and {"migrate", "kafka"} - waited.keys():
            yield Finding(check="depends-on", where=name, what="wait for migrate and kafka")


def _reached(graph: Mapping[str, Mapping[str, Any]], start: str) -> set[str]:
    seen: set[str] = set()
    ahead = list(graph[start])
    while ahead:
        name = ahead.pop()
        if name not in seen:
            seen.add(name)
            ahead += graph.get(name, {})
    return seen


def hardening(document: Document) -> Iterator[Finding]:
    """No container may do more than it must."""
    for name, service in document["services"].items():
        wrong = {
            "privileged": bool(service.get("privileged")),
            "capabilities": service.get("cap_drop") != ["ALL"],
            "new-privileges": "no-new-privileges:true" not in service.get("security_opt", ()),
            "host-namespace": any(
                service.get(each) == "host" for each in ("network_mode", "pid", "ipc")
            ),
            "engine-socket": "docker.sock" in str(service.get("volumes", ())),
            "fixed-name": "container_name" in service,
        }
        if is_ours(service):
            wrong |= {
                "root": str(service.get("user", "10001")).split(":")[0] in ("0", "root"),
                "writable-root": service.get("read_only") is not True,
                "no-limits": not {"mem_limit", "pids_limit"} <= service.keys(),
            }
        yield from (
            Finding(check=check, where=name, what="is not as it must be")
            for check, is_wrong in wrong.items()
            if is_wrong
        )


def images(document: Document) -> Iterator[Finding]:
    """Every image has a tag, and none that moves."""
    for name, service in document["services"].items():
        image = interpolated(service["image"], {})
        if not _IMAGE.match(image) or image.partition(":")[2].startswith("latest"):
            yield Finding(check="image-tag", where=name, what=image)


def volumes(document: Document) -> Iterator[Finding]:
    """What is mounted exists, and what is declared is used."""
    used: set[str] = set()
    for name, service in document["services"].items():
        for mount in service.get("volumes", ()):
            source = str(mount).partition(":")[0]
            if source.startswith("."):
                if not (ROOT / source).exists():
                    yield Finding(check="volume", where=name, what=f"there is no {source}")
            else:
                used.add(source)
        for each in service.get("configs", ()):
            if each["source"] not in document.get("configs", {}):
                yield Finding(check="volume", where=name, what=f"no config {each['source']}")
    for source in sorted(used ^ document["volumes"].keys()):
        yield Finding(check="volume", where=source, what="used and declared must be the same")
    for source, config in document.get("configs", {}).items():
        if not (ROOT / config["file"]).is_file():
            yield Finding(check="volume", where=source, what=f"there is no {config['file']}")


def example(document: Document, text: str) -> Iterator[Finding]:
    """The example of a .env names what is asked for, and all that must be set can be drawn."""
    asked = variables(str(document))
    offered = {
        line.partition("=")[0] for line in text.splitlines() if re.match(r"[A-Z_0-9]+=", line)
    }
    for name in sorted(asked.keys() ^ offered):
        where = ".env.example" if name in asked else "docker-compose.yml"
        yield Finding(check="example", where=where, what=f"{name} is missing")
    for name, (kind, _) in asked.items():
        if (kind == "?") != (name in drawn()):
            yield Finding(check="example", where=name, what="required is what is drawn")
    for line in text.splitlines():
        name, is_set, value = line.partition("=")
        if is_set and value and name in drawn():
            yield Finding(check="example", where=".env.example", what=f"{name} has a value")


def addresses(document: Document) -> Iterator[Finding]:
    """Whoever is named in a setting is there and listens at that port."""
    listened = listening(document)
    for name, service, _ in _processes(document):
        given = environment(service)
        for variable, place in _places(given):
            host, _, port = place.partition(":")
            if int(port or 0) not in listened.get(host, frozenset()):
                yield Finding(check="address", where=name, what=f"{variable} names {place}")


def _places(given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for variable, value in given.items():
        if "DATABASE_URL" in variable or variable.endswith(("_URL", "_ENDPOINT")):
            yield variable, urlsplit(value).netloc.rpartition("@")[2]
    if "FORBEAR_KAFKA_BOOTSTRAP_SERVERS" in given:
        yield "FORBEAR_KAFKA_BOOTSTRAP_SERVERS", given["FORBEAR_KAFKA_BOOTSTRAP_SERVERS"]
    if "FORBEAR_SMTP_HOST" in given:
        yield "FORBEAR_SMTP_HOST", f"{given['FORBEAR_SMTP_HOST']}:{given['FORBEAR_SMTP_PORT']}"


def brokers(document: Document) -> Iterator[Finding]:
    """Brokers make no topic by themselves: theirs forget after a week."""
    given = document["services"]["kafka"]["environment"]
    if str(given.get("KAFKA_AUTO_CREATE_TOPICS_ENABLE")) != "false":
        yield Finding(check="topics", where="kafka", what="auto.create.topics.enable must be false")


def connections(document: Document) -> Iterator[Finding]:
    """The server lets all processes in at once, and somebody besides."""
    command = " ".join(document["services"]["postgres"].get("command", ()))
    allowed = re.search(r"max_connections=(\d+)", command)
    needed = sum(
        connections_of(process.kind, int(environment(service).get("FORBEAR_POOL_SIZE_MAX", 10)))
        for _, service, process in _processes(document)
        if process.kind not in ("migrate", "mailbox")
    )
    if needed + PEOPLE > int(allowed[1] if allowed else 100):
        yield Finding(check="connections", where="postgres", what=f"{needed} and {PEOPLE} needed")


CHECKS: tuple[Callable[[Document], Iterator[Finding]], ...] = (
    commands,
    settings,
    ports,
    health,
    dependencies,
    hardening,
    images,
    volumes,
    addresses,
    brokers,
    connections,
)


def check(document: Document, env_example: str) -> list[Finding]:
    """Run every check."""
    found = [finding for each in CHECKS for finding in each(document)]
    return [*found, *example(document, env_example)]
