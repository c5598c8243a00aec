"""The overlays hold together, and each check of them has been seen to object."""

import copy
import os
from collections.abc import Callable
from typing import Any

import pytest

from tests.deploy import kubernetes_pods, kubernetes_references
from tests.deploy.custom_resources import shapes
from tests.deploy.documents import OVERLAYS, Document, NoRenderer, name_of, named, of_kind, overlay
from tests.deploy.finding import Finding

Documents = list[Document]
CHECKS = (*kubernetes_pods.CHECKS, *kubernetes_references.CHECKS, shapes)


def check(documents: Documents) -> list[Finding]:
    return [finding for each in CHECKS for finding in each(documents)]


def rendered(name: str) -> Documents:
    """Return an overlay; where nothing can render it the test is skipped, but never in CI."""
    try:
        return list(overlay(name))
    except NoRenderer as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


@pytest.mark.parametrize("name", OVERLAYS)
def test_holds_together(name: str) -> None:
    assert [str(each) for each in check(rendered(name))] == []


def test_what_is_made_is_all_there() -> None:
    kinds = [each["kind"] for each in rendered("prod")]
    assert (kinds.count("Deployment"), kinds.count("Job")) == (9, 1)
    assert kinds.count("PodDisruptionBudget") == 8
    assert {"Kafka", "Cluster", "ScaledObject", "PodMonitor", "PrometheusRule"} <= set(kinds)


def test_what_an_upgrade_applies_first_is_the_migration_and_its_account() -> None:
    component = {"app.kubernetes.io/component": "migration"}
    chosen = [
        each["kind"]
        for each in rendered("prod")
        if component.items() <= each["metadata"].get("labels", {}).items()
    ]
    assert sorted(chosen) == ["Job", "ServiceAccount"]


class Plant:
    """Finds its way about a copy of the manifests."""

    def __init__(self, documents: Documents) -> None:
        self.documents = documents

    def spec(self, kind: str, name: str) -> dict[str, Any]:
        spec: dict[str, Any] = named(self.documents, kind, name)["spec"]
        return spec

    def pod(self, name: str = "forbear-ledger", kind: str = "Deployment") -> dict[str, Any]:
        pod: dict[str, Any] = self.spec(kind, name)["template"]["spec"]
        return pod

    def container(self, name: str = "forbear-ledger", kind: str = "Deployment") -> dict[str, Any]:
        container: dict[str, Any] = self.pod(name, kind)["containers"][0]
        return container

    def security(self) -> dict[str, Any]:
        security: dict[str, Any] = self.container()["securityContext"]
        return security

    def remove(self, kind: str, name: str) -> None:
        self.documents.remove(named(self.documents, kind, name))

    def settings(self, prefix: str) -> dict[str, str]:
        maps = of_kind(self.documents, "ConfigMap")
        data: dict[str, str] = next(each for each in maps if name_of(each).startswith(prefix))[
            "data"
        ]
        return data

    def topic(self, name: str = "forbear.ledger.events.v1") -> dict[str, Any]:
        return self.spec("KafkaTopic", name)


FAULTS: dict[str, tuple[str, Callable[[Plant], object]]] = {
    "root": ("run-as-non-root", lambda p: p.pod()["securityContext"].update(runAsNonRoot=False)),
    "root in a container": ("run-as-non-root", lambda p: p.security().update(runAsUser=0)),
    "no seccomp profile": ("seccomp", lambda p: p.pod()["securityContext"].pop("seccompProfile")),
    "privileged": ("privileged", lambda p: p.security().update(privileged=True)),
    "escalation": ("privilege-escalation", lambda p: p.security().pop("allowPrivilegeEscalation")),
    "a capability": (
        "capabilities",
        lambda p: p.security().update(capabilities={"drop": ["ALL"], "add": ["NET_ADMIN"]}),
    ),
    "a writable root": ("read-only-root", lambda p: p.security().pop("readOnlyRootFilesystem")),
    "a token": ("token-automount", lambda p: p.pod().pop("automountServiceAccountToken")),
    "service links": ("service-links", lambda p: p.pod().pop("enableServiceLinks")),
    "the host's network": ("host-namespace", lambda p: p.pod().update(hostNetwork=True)),
    "the host's files": (
        "host-path",
        lambda p: p.pod()["volumes"].append({"name": "etc", "hostPath": {"path": "/etc"}}),
    ),
    "the default account": (
        "default-service-account",
        lambda p: p.pod().pop("serviceAccountName"),
    ),
    "a borrowed account": (
        "service-account",
        lambda p: p.pod().update(serviceAccountName="forbear-contact"),
    ),
    "no requests": ("requests", lambda p: p.container()["resources"].pop("requests")),
    "no limits": ("limits", lambda p: p.container("forbear-migrate", "Job").pop("resources")),
    "the latest image": ("image-tag", lambda p: p.container().update(image="reg.example/f:latest")),
    "an image without a tag": ("image-tag", lambda p: p.container().update(image="forbear")),
    "a mount of nothing": ("mount", lambda p: p.pod().pop("volumes")),
    "no liveness probe": ("probe", lambda p: p.container().pop("livenessProbe")),
    "no startup probe": (
        "probe",
        lambda p: p.container("forbear-contact-relay").pop("startupProbe"),
    ),
    "liveness that asks the database": (
        "probe",
        lambda p: p.container()["livenessProbe"]["httpGet"].update(path="/readyz"),
    ),
    "a probe at no port": (
        "probe",
        lambda p: p.container()["readinessProbe"]["httpGet"].update(port="admin"),
    ),
    "an interrupting rollout": (
        "rollout",
        lambda p: p.spec("Deployment", "forbear-ledger")["strategy"]["rollingUpdate"].update(
            maxUnavailable=1
        ),
    ),
    "no pause before the stop": ("pre-stop", lambda p: p.container().pop("lifecycle")),
    "no time to drain": ("grace", lambda p: p.pod().update(terminationGracePeriodSeconds=10)),
    "no spread": ("spread", lambda p: p.pod().pop("topologySpreadConstraints")),
    "no budget": ("budget", lambda p: p.remove("PodDisruptionBudget", "forbear-ledger")),
    "a budget that forbids": (
        "budget",
        lambda p: p.spec("PodDisruptionBudget", "forbear-ledger").update(maxUnavailable=0),
    ),
    "a label gone": (
        "labels",
        lambda p: p.spec("Deployment", "forbear-ledger")["template"]["metadata"]["labels"].pop(
            "app.kubernetes.io/version"
        ),
    ),
    "a selector of others": (
        "selector",
        lambda p: p.spec("Service", "forbear-ledger")["selector"].update(
            {"app.kubernetes.io/name": "debts"}
        ),
    ),
    "a secret in the repository": (
        "secret",
        lambda p: p.documents.append({"kind": "Secret", "metadata": {"name": "keys"}}),
    ),
    "a secret in a config map": (
        "secret",
        lambda p: p.settings("forbear-settings").update(FORBEAR_MASTER_KEY="AAAA"),
    ),
    "rights in the cluster": (
        "rights",
        lambda p: p.documents.append({"kind": "ClusterRoleBinding", "metadata": {"name": "all"}}),
    ),
    "a command that is none": ("command", lambda p: p.container().update(args=["sell", "ledger"])),
    "an unknown variable": (
        "unknown-setting",
        lambda p: p.container()["env"].append({"name": "FORBEAR_PROT", "value": "8101"}),
    ),
    "a secret that is not there": (
        "reference",
        lambda p: p.container()["envFrom"].append({"secretRef": {"name": "forbear-keys"}}),
    ),
    "mail credentials that nobody needs to have": (
        "reference",
        lambda p: p.container("forbear-contact")["envFrom"][-1]["secretRef"].pop("optional"),
    ),
    "a secret that may be missing": (
        "reference",
        lambda p: p.container()["envFrom"][-1]["secretRef"].update(optional=True),
    ),
    "another's secret": (
        "missing-setting",
        lambda p: p.container()["envFrom"][-1].update(secretRef={"name": "forbear-contact"}),
    ),
    "an administrator with too little": (
        "missing-setting",
        lambda p: p.container("forbear-administration").update(
            envFrom=[{"secretRef": {"name": "forbear-ledger-relay"}}]
        ),
    ),
    "a key that is not there": (
        "reference",
        lambda p: p.container()["env"].append(
            {
                "name": "FORBEAR_LEDGER_SIGNING_KEY",
                "valueFrom": {"secretKeyRef": {"name": "forbear-ledger", "key": "signing-key"}},
            }
        ),
    ),
    "a config map that is not there": (
        "reference",
        lambda p: p.container()["envFrom"][0].update(configMapRef={"name": "settings"}),
    ),
    "a wrong port": ("port", lambda p: p.container()["ports"][0].update(containerPort=8110)),
    "a service to no port": (
        "port",
        lambda p: p.spec("Service", "forbear-ledger")["ports"][0].update(targetPort="web"),
    ),
    "an address of nobody": (
        "address",
        lambda p: next(
            each
            for each in p.container("forbear-contact")["env"]
            if each["name"] == "FORBEAR_COMPLIANCE_URL"
        ).update(value="http://forbear-compliance:8103"),
    ),
    "no default denial": (
        "network-default",
        lambda p: p.remove("NetworkPolicy", "forbear-deny-by-default"),
    ),
    "names from one resolver only": (
        "network-names",
        lambda p: p.spec("NetworkPolicy", "forbear-names")["egress"][0].update(
            to=[{"podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}}]
        ),
    ),
    "a policy without ports": (
        "network-open",
        lambda p: p.spec("NetworkPolicy", "forbear-mail").update(egress=[{}]),
    ),
    "a policy for everybody": (
        "network-open",
        lambda p: p.spec("NetworkPolicy", "forbear-api")["ingress"][0].pop("from"),
    ),
    "no way to the brokers": (
        "network-needed",
        lambda p: p.remove("NetworkPolicy", "forbear-brokers"),
    ),
    "nobody may ask compliance": (
        "network-needed",
        lambda p: p.remove("NetworkPolicy", "forbear-compliance-asked"),
    ),
    "a topic too few": (
        "topics",
        lambda p: p.remove("KafkaTopic", "forbear.ledger.events.v1"),
    ),
    "a topic of dead letters too few": (
        "topics",
        lambda p: p.remove(
            "KafkaTopic", "forbear.ledger.events.v1.contact-profiles-from-ledger.dlq"
        ),
    ),
    "a topic that forgets": ("topic-kept", lambda p: p.topic()["config"].pop("retention.ms")),
    "a topic with one copy": ("topic-copies", lambda p: p.topic().update(replicas=1)),
    "a topic of dead letters too small for them": (
        "topic-size",
        lambda p: p.topic("forbear.ledger.events.v1.contact-profiles-from-ledger.dlq")[
            "config"
        ].pop("max.message.bytes"),
    ),
    "a topic with other partitions": (
        "topic-partitions",
        lambda p: p.topic().update(partitions=12),
    ),
    "a right too many": (
        "kafka-rights",
        lambda p: p.spec("KafkaUser", "forbear-ledger-relay-kafka")["authorization"]["acls"][
            0
        ].update(operations=["All"]),
    ),
    "a right too few": (
        "kafka-rights",
        lambda p: p.spec("KafkaUser", "forbear-contact-kafka")["authorization"]["acls"].pop(0),
    ),
    "more readers than partitions": (
        "scaling",
        lambda p: p.spec("ScaledObject", "forbear-ledger").update(maxReplicaCount=12),
    ),
    "scaling to nothing": (
        "scaling",
        lambda p: p.spec("ScaledObject", "forbear-compliance").update(minReplicaCount=0),
    ),
    "scaling by offsets": (
        "scaling",
        lambda p: p.spec("ScaledObject", "forbear-ledger")["triggers"].append({"type": "kafka"}),
    ),
    "scaling of nothing": (
        "scaling",
        lambda p: p.spec("ScaledObject", "forbear-ledger")["scaleTargetRef"].update(name="ledger"),
    ),
    "brokers that the namespace refuses": (
        "shape",
        lambda p: p.spec("KafkaNodePool", "nodes")["template"]["pod"].pop("securityContext"),
    ),
    "brokers with capabilities": (
        "shape",
        lambda p: p.spec("KafkaNodePool", "nodes")["template"]["kafkaContainer"][
            "securityContext"
        ].update(capabilities={}),
    ),
    "operators that the namespace refuses": (
        "shape",
        lambda p: p.spec("Kafka", "forbear-kafka")["entityOperator"].pop("template"),
    ),
    "a misspelt field": ("shape", lambda p: p.topic().update(replica=3)),
    "a field in a wrong place": (
        "shape",
        lambda p: p.spec("Cluster", "forbear-postgres").update(max_connections="300"),
    ),
    "a wrong type": ("shape", lambda p: p.topic().update(partitions="6")),
    "an old version of a kind": (
        "shape",
        lambda p: named(p.documents, "Kafka", "forbear-kafka").update(
            apiVersion="kafka.strimzi.io/v1beta2"
        ),
    ),
    "too few connections": (
        "connections",
        lambda p: p.spec("ScaledObject", "forbear-ledger").update(maxReplicaCount=60),
    ),
    "a monitor of no port": (
        "monitor",
        lambda p: p.spec("PodMonitor", "forbear")["podMetricsEndpoints"][0].update(port="metrics"),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault: str) -> None:
    expected, plant = FAULTS[fault]
    whole = rendered("prod")
    documents = copy.deepcopy(whole)
    plant(Plant(documents))
    news = set(check(documents)) - set(check(whole))
    assert expected in {each.check for each in news}
