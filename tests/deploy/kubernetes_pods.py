"""Checks of what runs in pods, after kube-linter's own and the restricted pod security standard."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from services.command.serve import GRACE_S
from tests.deploy.documents import Document, name_of, of_kind
from tests.deploy.finding import Finding
from tests.deploy.processes import HEALTH_PATHS, NoCommand, Process, process_of, secret_keys

Documents = Sequence[Document]
OURS = {"app.kubernetes.io/part-of": "forbear"}
LABELS = frozenset(
    f"app.kubernetes.io/{each}"
    for each in ("name", "component", "part-of", "version", "managed-by")
)
STOPPING_S = 30  # readers leave their groups, jobs end or are given back, spans are sent
PROBES = {
    "startupProbe": "/startupz",
    "readinessProbe": "/readyz",
    "livenessProbe": "/livez",
}
_IMAGE = re.compile(r"^[a-z0-9.-]+(/[a-z0-9._-]+)+(:[A-Za-z0-9][\w.-]*|@sha256:[0-9a-f]{64})$")


def workloads(documents: Documents) -> list[Document]:
    """Return everything of ours that makes pods."""
    return of_kind(documents, "Deployment", "Job", "StatefulSet", "DaemonSet", "CronJob")


def pod_of(workload: Document) -> dict[str, Any]:
    """Return the specification of a workload's pods."""
    pod: dict[str, Any] = workload["spec"]["template"]["spec"]
    return pod


def labels_of(workload: Document) -> dict[str, str]:
    """Return the labels of a workload's pods."""
    labels: dict[str, str] = workload["spec"]["template"]["metadata"]["labels"]
    return labels


def runs(workload: Document) -> Process | None:
    """Return what a workload runs; None where a person is to run something."""
    words = pod_of(workload)["containers"][0].get("args")
    return process_of(words) if words else None


def serving(documents: Documents) -> list[Document]:
    """Return the services and the relays."""
    return [
        each
        for each in of_kind(documents, "Deployment")
        if labels_of(each).get("app.kubernetes.io/component") in ("service", "relay")
    ]


def matches(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Tell whether a label selector selects."""
    for each in selector.get("matchExpressions", ()):
        if each["operator"] != "In" or labels.get(each["key"]) not in each["values"]:
            return False
    return all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())


def _wrong_in_pod(workload: Document) -> Iterator[str]:
    pod = pod_of(workload)
    own = pod.get("securityContext", {})
    if own.get("runAsNonRoot") is not True or not own.get("runAsUser"):
        yield "run-as-non-root"
    if own.get("seccompProfile", {}).get("type") != "RuntimeDefault":
        yield "seccomp"
    if pod.get("automountServiceAccountToken") is not False:
        yield "token-automount"
    if pod.get("enableServiceLinks") is not False:
        yield "service-links"
    if any(pod.get(each) for each in ("hostNetwork", "hostPID", "hostIPC")):
        yield "host-namespace"
    if any("hostPath" in each for each in pod.get("volumes", ())):
        yield "host-path"
    if pod.get("serviceAccountName", "default") == "default":
        yield "default-service-account"


def _wrong_in_container(container: Mapping[str, Any]) -> Iterator[str]:
    own = container.get("securityContext", {})
    if own.get("privileged"):
        yield "privileged"
    if own.get("runAsUser") == 0 or own.get("runAsNonRoot") is False:
        yield "run-as-non-root"
    if own.get("allowPrivilegeEscalation") is not False:
        yield "privilege-escalation"
    if own.get("capabilities") != {"drop": ["ALL"]}:
        yield "capabilities"
    if own.get("readOnlyRootFilesystem") is not True:
        yield "read-only-root"
    resources = container.get("resources", {})
    if {"cpu", "memory"} - resources.get("requests", {}).keys():
        yield "requests"
    if "memory" not in resources.get("limits", {}):
        yield "limits"
    if not _IMAGE.match(container["image"]) or container["image"].endswith(":latest"):
        yield "image-tag"
    if any("docker.sock" in each["mountPath"] for each in container.get("volumeMounts", ())):
        yield "engine-socket"


def restricted(documents: Documents) -> Iterator[Finding]:
    """Every pod is what the restricted standard allows, and more is not asked for."""
    for each in workloads(documents):
        wrong = list(_wrong_in_pod(each))
        containers = [*pod_of(each).get("initContainers", ()), *pod_of(each)["containers"]]
        wrong += [found for container in containers for found in _wrong_in_container(container)]
        yield from (
            Finding(check=found, where=name_of(each), what="is not as it must be")
            for found in wrong
        )


def mounts(documents: Documents) -> Iterator[Finding]:
    """What is mounted is there, and everything is mounted by some container."""
    for each in workloads(documents):
        pod = pod_of(each)
        there = {volume["name"] for volume in pod.get("volumes", ())}
        used = {
            mount["name"]
            for container in pod["containers"]
            for mount in container.get("volumeMounts", ())
        }
        for name in sorted(there ^ used):
            yield Finding(check="mount", where=name_of(each), what=f"{name} is not both")


def probes(documents: Documents) -> Iterator[Finding]:
    """Every serving process is asked at its own port, each question at its own path."""
    for each in serving(documents):
        container = pod_of(each)["containers"][0]
        ports = {port["name"] for port in container.get("ports", ())}
        for probe, path in PROBES.items():
            asked = container.get(probe, {}).get("httpGet", {})
            if asked.get("path") != path or path not in HEALTH_PATHS:
                yield Finding(check="probe", where=name_of(each), what=f"{probe} must ask {path}")
            elif asked["port"] not in ports:
                yield Finding(check="probe", where=name_of(each), what=f"no port {asked['port']}")


def rollout(documents: Documents) -> Iterator[Finding]:
    """A rollout takes nothing away before its replacement is there, and stops in time to drain."""
    for each in serving(documents):
        name, pod, spec = name_of(each), pod_of(each), each["spec"]
        rolling = spec.get("strategy", {}).get("rollingUpdate", {})
        if rolling.get("maxUnavailable") != 0 or not spec.get("minReadySeconds"):
            yield Finding(check="rollout", where=name, what="maxUnavailable 0, minReadySeconds")
        waits = pod["containers"][0].get("lifecycle", {}).get("preStop", {}).get("sleep", {})
        if not waits.get("seconds"):
            yield Finding(check="pre-stop", where=name, what="there is no preStop sleep")
        needed = waits.get("seconds", 0) + GRACE_S + STOPPING_S
        if pod.get("terminationGracePeriodSeconds", 30) < needed:
            yield Finding(check="grace", where=name, what=f"less than {needed} seconds")
        spread = {each["topologyKey"] for each in pod.get("topologySpreadConstraints", ())}
        if {"kubernetes.io/hostname", "topology.kubernetes.io/zone"} - spread:
            yield Finding(check="spread", where=name, what="nodes and zones")
        for constraint in pod.get("topologySpreadConstraints", ()):
            if not matches(constraint["labelSelector"], labels_of(each)):
                yield Finding(check="spread", where=name, what="selects other pods")


def budgets(documents: Documents) -> Iterator[Finding]:
    """Every serving process has one disruption budget, which lets a node be drained."""
    budgets = of_kind(documents, "PodDisruptionBudget")
    for each in serving(documents):
        own = [b for b in budgets if matches(b["spec"]["selector"], labels_of(each))]
        if len(own) != 1:
            yield Finding(check="budget", where=name_of(each), what=f"{len(own)} budgets")
    for budget in budgets:
        spec, name = budget["spec"], name_of(budget)
        if spec.get("maxUnavailable") in (None, 0, "0", "0%"):
            yield Finding(check="budget", where=name, what="no node can be drained")
        if spec.get("unhealthyPodEvictionPolicy") != "AlwaysAllow":
            yield Finding(check="budget", where=name, what="what is broken keeps a node busy")
        if not any(matches(spec["selector"], labels_of(each)) for each in serving(documents)):
            yield Finding(check="budget", where=name, what="it is nobody's")


def labels(documents: Documents) -> Iterator[Finding]:
    """Pods carry the recommended labels, and a selector selects its own."""
    for each in workloads(documents):
        missing = LABELS - labels_of(each).keys()
        if missing:
            yield Finding(check="labels", where=name_of(each), what=", ".join(sorted(missing)))
        selector = each["spec"].get("selector")
        if selector and not matches(selector, labels_of(each)):
            yield Finding(check="selector", where=name_of(each), what="selects other pods")


def accounts(documents: Documents) -> Iterator[Finding]:
    """Every workload has an account of its own, which mounts no token."""
    there = {name_of(each): each for each in of_kind(documents, "ServiceAccount")}
    named = [pod_of(each).get("serviceAccountName", "") for each in workloads(documents)]
    for each in workloads(documents):
        account = pod_of(each).get("serviceAccountName", "")
        if account not in there or named.count(account) > 1:
            yield Finding(check="service-account", where=name_of(each), what=account)
    for name, account in there.items():
        if account.get("automountServiceAccountToken") is not False:
            yield Finding(check="token-automount", where=name, what="its token is mounted")
    for kind in ("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"):
        for each in of_kind(documents, kind):
            yield Finding(check="rights", where=name_of(each), what="nothing of ours asks the API")


def secrets(documents: Documents) -> Iterator[Finding]:
    """There is no secret among the manifests."""
    for each in of_kind(documents, "Secret"):
        yield Finding(check="secret", where=name_of(each), what="secrets are referred to only")
    for each in of_kind(documents, "ConfigMap"):
        known = {key for keys in secret_keys().values() for key in keys}
        for key in sorted(each.get("data", {}).keys() & known):
            yield Finding(check="secret", where=name_of(each), what=f"{key} is one")


def commands(documents: Documents) -> Iterator[Finding]:
    """Every command is one that `forbear` takes."""
    for each in workloads(documents):
        try:
            runs(each)
        except NoCommand as error:
            yield Finding(check="command", where=name_of(each), what=str(error))


CHECKS: tuple[Callable[[Documents], Iterator[Finding]], ...] = (
    restricted,
    mounts,
    probes,
    rollout,
    budgets,
    labels,
    accounts,
    secrets,
    commands,
)
