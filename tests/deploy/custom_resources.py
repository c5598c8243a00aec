"""The shapes of other operators' resources: as much of each as is used here, and nothing besides.

A misspelt or misplaced field would be dropped or refused by the cluster; here it is refused first.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tests.deploy.documents import Document, name_of
from tests.deploy.finding import Finding

Quantity = str
Selector = dict[Literal["matchLabels", "matchExpressions"], Any]


class Shape(BaseModel):
    """Has the fields that it names, of the types that it names."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Reference(Shape):
    name: str


class KeyReference(Shape):
    name: str
    key: str


class Metadata(Shape):
    name: str = Field(pattern=r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$", max_length=253)
    namespace: str | None = None
    labels: dict[str, str] = {}


class Resources(Shape):
    requests: dict[Literal["cpu", "memory"], Quantity]
    limits: dict[Literal["cpu", "memory"], Quantity]


class Topic(Shape):
    partitions: int = Field(ge=1)
    replicas: int = Field(ge=1)
    config: dict[str, str | int | bool]


class Resource(Shape):
    type: Literal["topic", "group", "cluster", "transactionalId"]
    name: str
    patternType: Literal["literal", "prefix"]


class Rule(Shape):
    resource: Resource
    operations: list[
        Literal[
            "Read",
            "Write",
            "Describe",
            "DescribeConfigs",
            "Create",
            "Alter",
            "AlterConfigs",
            "Delete",
            "All",
        ]
    ]


class Authorization(Shape):
    type: Literal["simple"]
    acls: list[Rule]


class Authentication(Shape):
    type: Literal["scram-sha-512", "tls"]


class User(Shape):
    authentication: Authentication
    authorization: Authorization


class Volume(Shape):
    id: int
    type: Literal["persistent-claim"]
    size: Quantity
    deleteClaim: bool
    kraftMetadata: Literal["shared"]


class Storage(Shape):
    type: Literal["jbod"]
    volumes: list[Volume]


class PodSecurity(Shape):
    """As much as the restricted pod security standard asks of a pod."""

    runAsNonRoot: Literal[True]
    fsGroup: int | None = None
    seccompProfile: dict[Literal["type"], Literal["RuntimeDefault"]] = Field(min_length=1)


class Capabilities(Shape):
    drop: list[Literal["ALL"]] = Field(min_length=1)


class ContainerSecurity(Shape):
    """And of a container."""

    allowPrivilegeEscalation: Literal[False]
    capabilities: Capabilities


class SecurePod(Shape):
    securityContext: PodSecurity


class SpreadPod(SecurePod):
    topologySpreadConstraints: list[dict[str, Any]]


class SecureContainer(Shape):
    securityContext: ContainerSecurity


class BrokerTemplate(Shape):
    pod: SpreadPod
    kafkaContainer: SecureContainer


class NodePool(Shape):
    replicas: int = Field(ge=1)
    roles: list[Literal["controller", "broker"]]
    resources: Resources
    storage: Storage
    template: BrokerTemplate


class Listener(Shape):
    name: str = Field(pattern=r"^[a-z0-9]{1,11}$")
    port: int = Field(ge=9092)
    type: Literal["internal"]
    tls: bool
    authentication: Authentication
    networkPolicyPeers: list[dict[Literal["podSelector", "namespaceSelector"], Selector]]


class Brokers(Shape):
    listeners: list[Listener]
    authorization: dict[Literal["type"], Literal["simple"]]
    config: dict[str, str | int | bool]


class OperatorTemplate(Shape):
    pod: SecurePod
    topicOperatorContainer: SecureContainer
    userOperatorContainer: SecureContainer


class EntityOperator(Shape):
    topicOperator: dict[str, Any]
    userOperator: dict[str, Any]
    template: OperatorTemplate


class KafkaCluster(Shape):
    kafka: Brokers
    entityOperator: EntityOperator


class Synchronous(Shape):
    method: Literal["any", "first"]
    number: int
    dataDurability: Literal["required", "preferred"]


class Postgresql(Shape):
    synchronous: Synchronous | None = None
    parameters: dict[str, str]


class Role(Shape):
    name: str
    ensure: Literal["present", "absent"]
    login: bool
    createdb: bool
    createrole: bool
    passwordSecret: Reference


class Plugin(Shape):
    name: str
    isWALArchiver: bool
    parameters: dict[str, str]


class Affinity(Shape):
    enablePodAntiAffinity: bool
    podAntiAffinityType: Literal["required", "preferred"]
    topologyKey: str


class PostgresCluster(Shape):
    instances: int = Field(ge=1)
    imageName: str = Field(pattern=r":\d+\.\d+[\w.-]*$")
    postgresql: Postgresql
    enableSuperuserAccess: bool
    managed: dict[Literal["roles"], list[Role]]
    bootstrap: dict[Literal["initdb"], dict[Literal["dataChecksums"], bool]]
    storage: dict[Literal["size"], Quantity]
    walStorage: dict[Literal["size"], Quantity]
    resources: Resources
    affinity: Affinity
    plugins: list[Plugin] | None = None


class S3Credentials(Shape):
    accessKeyId: KeyReference
    secretAccessKey: KeyReference


class StoreConfiguration(Shape):
    destinationPath: str = Field(pattern=r"^s3://")
    s3Credentials: S3Credentials
    wal: dict[Literal["compression"], str]
    data: dict[Literal["compression"], str]


class ObjectStore(Shape):
    retentionPolicy: str = Field(pattern=r"^[1-9]\d*[dwm]$")
    configuration: StoreConfiguration


class ScheduledBackup(Shape):
    schedule: str = Field(pattern=r"^(\S+ ){5}\S+$")
    backupOwnerReference: Literal["self", "cluster", "none"]
    cluster: Reference
    method: Literal["plugin"]
    pluginConfiguration: Reference


class Fallback(Shape):
    failureThreshold: int
    replicas: int
    behavior: Literal["static", "currentReplicas", "currentReplicasIfHigher"]


class Trigger(Shape):
    type: str
    metricType: Literal["Utilization", "AverageValue", "Value"]
    metadata: dict[str, str]


class Scaled(Shape):
    scaleTargetRef: Reference
    minReplicaCount: int
    maxReplicaCount: int
    pollingInterval: int
    fallback: Fallback
    advanced: dict[
        Literal["horizontalPodAutoscalerConfig"],
        dict[Literal["behavior"], dict[Literal["scaleUp", "scaleDown"], dict[str, Any]]],
    ]
    triggers: list[Trigger] = Field(min_length=1)


class Endpoint(Shape):
    port: str
    path: str
    interval: str
    scrapeTimeout: str


class Monitor(Shape):
    selector: Selector
    podMetricsEndpoints: list[Endpoint] = Field(min_length=1)
    podTargetLabels: list[str]


class PrometheusRules(Shape):
    groups: list[dict[Literal["name", "rules", "interval"], Any]] = Field(min_length=1)


SHAPES: dict[tuple[str, str], type[Shape]] = {
    ("kafka.strimzi.io/v1", "Kafka"): KafkaCluster,
    ("kafka.strimzi.io/v1", "KafkaNodePool"): NodePool,
    ("kafka.strimzi.io/v1", "KafkaTopic"): Topic,
    ("kafka.strimzi.io/v1", "KafkaUser"): User,
    ("postgresql.cnpg.io/v1", "Cluster"): PostgresCluster,
    ("postgresql.cnpg.io/v1", "ScheduledBackup"): ScheduledBackup,
    ("barmancloud.cnpg.io/v1", "ObjectStore"): ObjectStore,
    ("keda.sh/v1alpha1", "ScaledObject"): Scaled,
    ("monitoring.coreos.com/v1", "PodMonitor"): Monitor,
    ("monitoring.coreos.com/v1", "PrometheusRule"): PrometheusRules,
}
BUILT_IN = frozenset(
    (
        "v1",
        "apps/v1",
        "batch/v1",
        "policy/v1",
        "networking.k8s.io/v1",
    )
)


def shapes(documents: Sequence[Document]) -> Iterator[Finding]:
    """Every custom resource has the shape that its operator takes."""
    for each in documents:
        if each.get("apiVersion", "v1") in BUILT_IN:
            continue
        shape = SHAPES.get((each["apiVersion"], each["kind"]))
        if shape is None:
            yield Finding(check="shape", where=name_of(each), what=f"unknown kind {each['kind']}")
            continue
        try:
            Metadata.model_validate(each["metadata"])
            shape.model_validate(each["spec"])
        except ValidationError as error:
            for fault in error.errors(include_url=False):
                place = ".".join(map(str, fault["loc"]))
                yield Finding(check="shape", where=name_of(each), what=f"{place}: {fault['msg']}")
