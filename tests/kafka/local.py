"""Apache Kafka in KRaft mode on the local JVM, from its published jars."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from shared.postgres.embedded import free_port
from shared.postgres.lifeline import die_with_parent

POM = Path(__file__).parent / "pom.xml"
JARS = POM.parents[2] / ".cache" / "kafka"
PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"
HEAP = ("-Xms128m", "-Xmx256m", "-XX:+UseSerialGC", "-Djava.awt.headless=true")
START_S = 180.0
STOP_S = 20.0
_CLUSTER = "Zm9yYmVhci10ZXN0cy0wMQ"


class KafkaUnavailable(Exception):
    """There is no Java, no Maven, or no way to the jars."""


class Node:
    """One broker, which is a controller too."""

    def __init__(self, folder: Path, number: int, port: int, voters: Sequence[tuple[int, int]]):
        self.number = number
        self.port = port
        self.address = f"127.0.0.1:{port}"
        self._folder = folder / f"node-{number}"
        self._voters = dict(voters)
        self._process: subprocess.Popen[bytes] | None = None

    def format(self) -> None:
        """Make its folder; once."""
        self._folder.mkdir(parents=True)
        (self._folder / "server.properties").write_text(self._properties())
        self._java("kafka.tools.StorageTool", "format", "-t", _CLUSTER, "-c", self._settings)

    def start(self) -> None:
        """Start it, or start it again."""
        with (self._folder / "broker.log").open("ab") as output:
            self._process = subprocess.Popen(
                _command("kafka.Kafka", self._settings),
                stdout=output,
                stderr=output,
                cwd=self._folder,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGKILL),
            )

    def await_ready(self) -> None:
        """Wait until it listens.

        Raises:
            KafkaUnavailable: it ended, or does not listen in time; its log's end is in the text.
        """
        end = time.monotonic() + START_S
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            ended = self._process is None or self._process.poll() is not None
            if ended or time.monotonic() > end:
                raise KafkaUnavailable((self._folder / "broker.log").read_text()[-2000:])
            time.sleep(0.1)

    def signal(self, number: signal.Signals) -> None:
        """Kill it, stop it in its tracks, or let it go on."""
        assert self._process is not None
        self._process.send_signal(number)
        if number == signal.SIGKILL:
            self._process.wait()

    def stop(self) -> None:
        """End it; nothing of it is needed any more."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait(STOP_S)

    @property
    def _settings(self) -> str:
        return str(self._folder / "server.properties")

    def _java(self, *arguments: str) -> None:
        done = subprocess.run(_command(*arguments), capture_output=True, check=False)
        if done.returncode:
            raise KafkaUnavailable((done.stdout + done.stderr).decode()[-2000:])

    def _properties(self) -> str:
        copies = min(3, len(self._voters))
        in_sync = max(1, copies - 1)
        own = self._voters[self.number]
        values = {
            "process.roles": "broker,controller",
            "node.id": self.number,
            "listeners": f"PLAINTEXT://{self.address},CONTROLLER://127.0.0.1:{own}",
            "advertised.listeners": f"PLAINTEXT://{self.address}",
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "PLAINTEXT",
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
            "controller.quorum.voters": ",".join(
                f"{number}@127.0.0.1:{port}" for number, port in self._voters.items()
            ),
            "log.dirs": self._folder / "data",
            "auto.create.topics.enable": "false",
            "default.replication.factor": copies,
            "min.insync.replicas": in_sync,
            "offsets.topic.num.partitions": 4,
            "offsets.topic.replication.factor": copies,
            "transaction.state.log.num.partitions": 4,
            "transaction.state.log.replication.factor": copies,
            "transaction.state.log.min.isr": in_sync,
            "share.coordinator.state.topic.replication.factor": copies,
            "share.coordinator.state.topic.min.isr": in_sync,
            "group.initial.rebalance.delay.ms": 0,
            "group.min.session.timeout.ms": 1000,
            "num.network.threads": 2,
            "num.io.threads": 2,
            "background.threads": 2,
            "log.cleaner.dedupe.buffer.size": 16 * 1024 * 1024,
        }
        return "\n".join(f"{name}={value}" for name, value in values.items())


def cluster(folder: Path, size: int) -> list[Node]:
    """Start a cluster of so many nodes.

    Raises:
        KafkaUnavailable: it cannot be had here.
    """
    _bring_jars()
    voters = [(number, free_port()) for number in range(1, size + 1)]
    nodes = [Node(folder, number, free_port(), voters) for number, _ in voters]
    for node in nodes:
        node.format()
        node.start()
    for node in nodes:
        node.await_ready()
    return nodes


def _bring_jars() -> None:
    if (JARS / ".whole").exists():
        return
    if shutil.which("java") is None or shutil.which("mvn") is None:
        raise KafkaUnavailable("Java 17 and Maven are needed to run Apache Kafka here.")
    done = subprocess.run(
        ["mvn", "-q", "-B", "-f", str(POM), PLUGIN, "-DincludeScope=runtime",
         f"-DoutputDirectory={JARS}"],
        capture_output=True,
        check=False,
    )  # fmt: skip
    if done.returncode:
        raise KafkaUnavailable(done.stdout.decode()[-2000:])
    (JARS / ".whole").touch()


def _command(*arguments: str) -> list[str]:
    java = os.environ.get("JAVA_HOME")
    program = str(Path(java) / "bin" / "java") if java else "java"
    return [program, *HEAP, "-Dlog4j2.level=WARN", "-cp", f"{JARS}/*", *arguments]
