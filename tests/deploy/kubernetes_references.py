"""Checks that manifests agree with one another and with the code."""

import ipaddress
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from shared.messaging.kafka.dead_letters import LETTER_BYTES_MAX
from tests.deploy.compose_checks import PEOPLE
from tests.deploy.documents import Document, name_of, named, of_kind
from tests.deploy.finding import Finding
from tests.deploy.kubernetes_pods import (
    OURS,
    Documents,
    labels_of,
    matches,
    pod_of,
    runs,
    serving,
    workloads,
)
from tests.deploy.processes import (
    NoCommand,
    administration,
    connections_of,
    readers,
    secret_keys,
    topics,
)

#: What an installation may have, and what it holds there.
OPTIONAL = {
    "forbear-mail-credentials": frozenset(("FORBEAR_SMTP_USERNAME", "FORBEAR_SMTP_PASSWORD"))
}
PARTITIONS, COPIES = "FORBEAR_KAFKA_PARTITIONS", "FORBEAR_KAFKA_REPLICATION_FACTOR"


def _secrets(documents: Documents) -> dict[str, frozenset[str]]:
    """Return the keys of every Secret that there will be: ours, and those of the operators."""
    users = {name_of(each): frozenset(("password",)) for each in of_kind(documents, "KafkaUser")}
    authorities = {
        f"{name_of(each)}-cluster-ca-cert": frozenset(("ca.crt",))
        for each in of_kind(documents, "Kafka")
    }
    return {**secret_keys(), **users, **authorities, **OPTIONAL}


def environment(documents: Documents, workload: Document) -> dict[str, str | None]:
    """Return a process's variables; None where the value is a secret.

    Raises:
        KeyError: it refers to a ConfigMap or a Secret that will not be there.
    """
    maps = {name_of(each): each.get("data", {}) for each in of_kind(documents, "ConfigMap")}
    held = _secrets(documents)
    found: dict[str, str | None] = {}
    container = pod_of(workload)["containers"][0]
    for each in container.get("envFrom", ()):
        if "configMapRef" in each:
            found |= maps[each["configMapRef"]["name"]]
        else:
            found |= dict.fromkeys(held[each["secretRef"]["name"]])
    for each in container.get("env", ()):
        reference = each.get("valueFrom", {}).get("secretKeyRef")
        if reference and reference["key"] not in held[reference["name"]]:
            raise KeyError(f"{reference['name']}/{reference['key']}")
        found[each["name"]] = each.get("value")
    return found


def references(documents: Documents) -> Iterator[Finding]:
    """Every ConfigMap, Secret and key that is referred to will be there."""
    held = _secrets(documents)
    for each in workloads(documents):
        try:
            environment(documents, each)
        except KeyError as error:
            yield Finding(check="reference", where=name_of(each), what=f"there is no {error}")
        for given in pod_of(each)["containers"][0].get("envFrom", ()):
            secret = given.get("secretRef")
            if secret and secret.get("optional", False) != (secret["name"] in OPTIONAL):
                yield Finding(
                    check="reference", where=name_of(each), what=f"{secret['name']}: optional?"
                )
        for volume in pod_of(each).get("volumes", ()):
            secret = volume.get("secret")
            keys = {item["key"] for item in (secret or {}).get("items", ())}
            if secret and not keys <= held.get(secret["secretName"], frozenset()):
                yield Finding(check="reference", where=name_of(each), what=secret["secretName"])


def _running(documents: Documents) -> Iterator[tuple[Document, Any, dict[str, str | None]]]:
    for each in workloads(documents):
        try:
            process, given = runs(each), environment(documents, each)
        except (NoCommand, KeyError):
            continue  # told of elsewhere
        if process is not None:
            yield each, process, given


def _administering(documents: Documents) -> Iterator[tuple[Document, Any, dict[str, str | None]]]:
    for each in workloads(documents):
        if labels_of(each).get("app.kubernetes.io/component") == "administration":
            with suppress(KeyError):  # told of elsewhere
                yield each, administration(), environment(documents, each)


def settings(documents: Documents) -> Iterator[Finding]:
    """Every variable is a setting of its process, and none that it requires is missing."""
    for each, process, given in (*_running(documents), *_administering(documents)):
        known = {setting.name for setting in process.settings}
        for variable in sorted(given.keys() - known):
            yield Finding(check="unknown-setting", where=name_of(each), what=variable)
        for variable in sorted(process.needed - given.keys()):
            yield Finding(check="missing-setting", where=name_of(each), what=variable)


def ports(documents: Documents) -> Iterator[Finding]:
    """A process listens at the port that its container names, and a Service leads there."""
    listened: dict[str, int] = {}
    for each, process, given in _running(documents):
        declared = pod_of(each)["containers"][0].get("ports", ())
        own = given.get(process.port_setting or "")
        if declared and [port["containerPort"] for port in declared] != [int(own or 0)]:
            yield Finding(check="port", where=name_of(each), what=f"it listens at {own}")
    for service in of_kind(documents, "Service"):
        behind = [
            each
            for each in serving(documents)
            if matches({"matchLabels": service["spec"]["selector"]}, labels_of(each))
        ]
        if len(behind) != 1:
            yield Finding(check="selector", where=name_of(service), what="it is not one workload's")
            continue
        named_ports = {port["name"] for port in pod_of(behind[0])["containers"][0]["ports"]}
        for port in service["spec"]["ports"]:
            listened[f"{name_of(service)}:{port['port']}"] = port["port"]
            if port["targetPort"] not in named_ports:
                yield Finding(check="port", where=name_of(service), what=str(port["targetPort"]))
    yield from _addresses(documents, listened)


def _addresses(documents: Documents, listened: Mapping[str, int]) -> Iterator[Finding]:
    brokers = {
        f"{name_of(kafka)}-kafka-bootstrap:{listener['port']}"
        for kafka in of_kind(documents, "Kafka")
        for listener in kafka["spec"]["kafka"]["listeners"]
    }
    for each, _, given in _running(documents):
        asked = given.get("FORBEAR_COMPLIANCE_URL")
        if asked and urlsplit(asked).netloc not in listened:
            yield Finding(check="address", where=name_of(each), what=asked)
        servers = given.get("FORBEAR_KAFKA_BOOTSTRAP_SERVERS")
        if servers and brokers and servers not in brokers:
            yield Finding(check="address", where=name_of(each), what=servers)


def network(documents: Documents) -> Iterator[Finding]:
    """Nothing is let in or out of any pod of ours but what a policy names."""
    policies = of_kind(documents, "NetworkPolicy")
    denying = [
        each["spec"]["podSelector"]
        for each in policies
        if set(each["spec"].get("policyTypes", ())) == {"Ingress", "Egress"}
        and not each["spec"].get("ingress")
        and not each["spec"].get("egress")
    ]
    for each in workloads(documents):
        if not any(matches(selector, labels_of(each)) for selector in denying):
            yield Finding(check="network-default", where=name_of(each), what="is open")
    for policy in policies:
        rules = [*policy["spec"].get("ingress", ()), *policy["spec"].get("egress", ())]
        for rule in rules:
            if not rule.get("ports"):
                yield Finding(check="network-open", where=name_of(policy), what="every port")
            blocks = [peer["ipBlock"]["cidr"] for peer in _peers(rule) if "ipBlock" in peer]
            if any(ipaddress.ip_network(block).prefixlen == 0 for block in blocks):
                yield Finding(check="network-open", where=name_of(policy), what="everywhere")
        for rule in policy["spec"].get("egress", ()):
            if rule.get("to") and any(port["port"] == 53 for port in rule.get("ports", ())):
                what = "resolvers differ from cluster to cluster"
                yield Finding(check="network-names", where=name_of(policy), what=what)
        if any(not rule.get("from") for rule in policy["spec"].get("ingress", ())):
            yield Finding(check="network-open", where=name_of(policy), what="from everywhere")
    yield from _needed(documents)


def _peers(rule: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [*rule.get("from", ()), *rule.get("to", ())]


def _needed(documents: Documents) -> Iterator[Finding]:
    """What a process must reach, a policy lets it reach."""
    for each, process, given in _running(documents):
        needed = {53, 5432}
        servers = given.get("FORBEAR_KAFKA_BOOTSTRAP_SERVERS")
        if servers:
            needed.add(int(servers.rpartition(":")[2]))
        for name in ("FORBEAR_COMPLIANCE_URL", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"):
            needed |= {urlsplit(value).port or 0 for value in (given.get(name),) if value}
        if given.get("FORBEAR_SMTP_PORT"):
            needed.add(int(given["FORBEAR_SMTP_PORT"] or 0))
        allowed = {
            port["port"]
            for policy in of_kind(documents, "NetworkPolicy")
            if matches(policy["spec"]["podSelector"], labels_of(each))
            for rule in policy["spec"].get("egress", ())
            for port in rule.get("ports", ())
        }
        for port in sorted(needed - allowed):
            yield Finding(check="network-needed", where=name_of(each), what=f"port {port}")
        is_asked = process.kind == "compliance"
        entries = [
            policy
            for policy in of_kind(documents, "NetworkPolicy")
            if policy["spec"].get("ingress")
            and matches(policy["spec"]["podSelector"], labels_of(each))
            and any(
                "podSelector" in peer for rule in policy["spec"]["ingress"] for peer in _peers(rule)
            )
        ]
        if is_asked and not entries:
            yield Finding(check="network-needed", where=name_of(each), what="nobody may ask it")


def kafka(documents: Documents) -> Iterator[Finding]:
    """Topics are those of the code, kept for ever, and as the relays would make them."""
    made = {name_of(each): each for each in of_kind(documents, "KafkaTopic")}
    if not of_kind(documents, "Kafka"):
        return
    for topic in sorted(made.keys() ^ topics().keys()):
        yield Finding(check="topics", where=topic, what="the code and the manifests differ")
    brokers = of_kind(documents, "KafkaNodePool")[0]["spec"]["replicas"]
    relay = next(given for _, process, given in _running(documents) if process.kind == "relay")
    for name, manifest in made.items():
        spec, config = manifest["spec"], manifest["spec"]["config"]
        if (config.get("retention.ms"), config.get("cleanup.policy")) != (-1, "delete"):
            yield Finding(check="topic-kept", where=name, what="retention.ms -1, delete")
        if spec["replicas"] != min(3, brokers) or spec["replicas"] != int(relay[COPIES] or 0):
            yield Finding(check="topic-copies", where=name, what=f"{spec['replicas']}")
        if name.endswith(".dlq") and config.get("max.message.bytes") != LETTER_BYTES_MAX:
            yield Finding(check="topic-size", where=name, what=f"{LETTER_BYTES_MAX} bytes")
        if config.get("min.insync.replicas") != max(1, spec["replicas"] - 1):
            yield Finding(check="topic-copies", where=name, what="min.insync.replicas")
        if spec["partitions"] != int(relay[PARTITIONS] or 0):
            yield Finding(check="topic-partitions", where=name, what="a relay says otherwise")
    cluster = of_kind(documents, "Kafka")[0]
    if cluster["spec"]["kafka"]["config"].get("auto.create.topics.enable") is not False:
        yield Finding(check="topics", where=name_of(cluster), what="made by themselves")
    yield from _rights(documents)


# Who sends sees to it that the topic keeps everything.
_LOOKING = {"Read": ("Describe",), "Write": ("Describe", "DescribeConfigs")}


def _rights(documents: Documents) -> Iterator[Finding]:
    for service, found in readers().items():
        events = {f"forbear.{source}.events.v1": "Read" for _, source in found}
        aside = {
            topic: "Write" for topic, whose in topics().items() if _is_aside(topic, whose, service)
        }
        own = {f"forbear.{service}.events.v1": "Write"}
        groups = [name for name, _ in found]
        yield from _user(documents, f"forbear-{service}-kafka", events | aside, groups)
        yield from _user(documents, f"forbear-{service}-relay-kafka", own, [])


def _is_aside(topic: str, whose: str, service: str) -> bool:
    return whose == service and topic.endswith(".dlq")


def _user(
    documents: Documents, name: str, needed: Mapping[str, str], groups: list[str]
) -> Iterator[Finding]:
    try:
        rules = named(documents, "KafkaUser", name)["spec"]["authorization"]["acls"]
    except StopIteration:
        yield Finding(check="kafka-rights", where=name, what="there is no such user")
        return
    given = {
        rule["resource"]["name"]: set(rule["operations"])
        for rule in rules
        if rule["resource"]["type"] == "topic" and rule["resource"]["patternType"] == "literal"
    }
    wanted = {topic: {operation, *_LOOKING[operation]} for topic, operation in needed.items()}
    if given != wanted:
        differing = sorted(
            topic for topic in given.keys() | wanted.keys() if given.get(topic) != wanted.get(topic)
        )
        yield Finding(check="kafka-rights", where=name, what=", ".join(differing))
    prefixes = tuple(
        rule["resource"]["name"] for rule in rules if rule["resource"]["type"] == "group"
    )
    if any(not group.startswith(prefixes) for group in groups) or (prefixes and not groups):
        yield Finding(check="kafka-rights", where=name, what="groups")


def scaling(documents: Documents) -> Iterator[Finding]:
    """What is scaled is there, within its partitions, never to nothing, and not by the brokers."""
    names = {name_of(each): each for each in serving(documents)}
    for each in of_kind(documents, "ScaledObject"):
        spec, name = each["spec"], name_of(each)
        target = names.get(spec["scaleTargetRef"]["name"])
        if target is None or labels_of(target)["app.kubernetes.io/component"] != "service":
            yield Finding(check="scaling", where=name, what="it scales no service")
            continue
        relays = (given for _, process, given in _running(documents) if process.kind == "relay")
        if spec["maxReplicaCount"] > int(next(relays)[PARTITIONS] or 0):
            yield Finding(check="scaling", where=name, what="more than there are partitions")
        if spec.get("minReplicaCount", 0) < 1 or "idleReplicaCount" in spec:
            yield Finding(check="scaling", where=name, what="to nothing")
        if "replicas" in target["spec"]:
            yield Finding(check="scaling", where=name, what="an apply would undo it")
        if any(trigger["type"] == "kafka" for trigger in spec["triggers"]):
            yield Finding(check="scaling", where=name, what="no offsets are committed to brokers")


def connections(documents: Documents) -> Iterator[Finding]:
    """The server lets in as many pods as there may be, and one more of each during a rollout."""
    scaled = {
        each["spec"]["scaleTargetRef"]["name"]: each["spec"]["maxReplicaCount"]
        for each in of_kind(documents, "ScaledObject")
    }
    needed = sum(
        connections_of(process.kind, int(given.get("FORBEAR_POOL_SIZE_MAX") or 10))
        * (scaled.get(name_of(each), each["spec"].get("replicas", 1)) + 1)
        for each, process, given in _running(documents)
        if process.kind != "migrate"
    )
    for cluster in of_kind(documents, "Cluster"):
        allowed = int(cluster["spec"]["postgresql"]["parameters"]["max_connections"])
        if needed + PEOPLE > allowed:
            what = f"{needed} and {PEOPLE} needed, {allowed} allowed"
            yield Finding(check="connections", where=name_of(cluster), what=what)


def monitors(documents: Documents) -> Iterator[Finding]:
    """Every serving process is monitored, at a port that it has, by who is let in."""
    monitors = of_kind(documents, "PodMonitor")
    for each in serving(documents) if monitors else ():
        own = {port["name"] for port in pod_of(each)["containers"][0]["ports"]}
        asked = {
            endpoint["port"]
            for monitor in monitors
            if matches(monitor["spec"]["selector"], labels_of(each))
            for endpoint in monitor["spec"]["podMetricsEndpoints"]
        }
        if not asked or not asked <= own:
            yield Finding(check="monitor", where=name_of(each), what=f"asked at {sorted(asked)}")


def parts(documents: Documents) -> Iterator[Finding]:
    """Whatever is Forbear's says so, or the default of the network would not hold for it."""
    for each in workloads(documents):
        if not matches({"matchLabels": OURS}, labels_of(each)):
            yield Finding(check="labels", where=name_of(each), what="part-of")


CHECKS: tuple[Callable[[Documents], Iterator[Finding]], ...] = (
    references,
    settings,
    ports,
    network,
    kafka,
    scaling,
    connections,
    monitors,
    parts,
)
