"""An installation per test, in a folder and on ports of its own."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.command import instance
from services.command.installation import SERVICES, Installation, Ports
from services.command.keys import load
from services.command.ports import taken_ports
from shared.postgres.embedded import EmbeddedPostgres, free_port

PROJECT = Path(__file__).resolve().parents[2]
PASSWORD = "only-for-tests"


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """Return one throw-away server for all tests that leave it as they found it."""
    made = EmbeddedPostgres(
        tmp_path_factory.mktemp("shared"), port=free_port(), password=PASSWORD, durable=False
    )
    made.start()
    yield made
    made.stop()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    """Return a throw-away server of the test's own, running."""
    made = EmbeddedPostgres(
        tmp_path / "postgres", port=free_port(), password=PASSWORD, durable=False
    )
    made.start()
    yield made
    made.stop()


def wait_until(condition: Callable[[], bool], timeout_s: float = 120) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "it did not come to pass in time"
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def await_end(pid: int) -> None:
    wait_until(lambda: not is_alive(pid))


def is_another(process: Callable[[], int], killed: int) -> bool:
    """Tell whether another process stands where one was killed."""
    try:
        return process() != killed
    except (AssertionError, OSError, ValueError, IndexError):  # there is none at the moment
        return False


class Running:
    """`forbear run` with stand-in services, as a process of its own."""

    serving_mark = b"standin"

    def __init__(self, folder: Path, ports: Ports) -> None:
        self.installation = Installation(folder=folder, ports=ports)
        self.output = folder.with_name(f"{folder.name}.output")
        self.environment = {
            **os.environ,
            "FORBEAR_PORT_BASE": str(ports.start),
            "FORBEAR_DATA_DIR": str(folder),
            "FORBEAR_CANARIES": "false",  # their events would be counted with the others
        }
        self.environment.pop("DATABASE_URL", None)
        self.process: subprocess.Popen[bytes] | None = None
        self.runs = 0

    def start(self) -> None:
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                self.run_command,
                cwd=PROJECT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        self.runs += 1
        wait_until(lambda: self._is_announced() or self._is_over(), 180)
        assert not self._is_over(), self.output.read_text()

    def again(self) -> "subprocess.CompletedProcess[str]":
        """Try to run a second one on the same folder."""
        return subprocess.run(
            self.run_command,
            cwd=PROJECT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def forbear(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "services", *arguments],
            cwd=PROJECT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)

    def is_ready(self) -> bool:
        return all(self.request(service, "/readyz")[0] == 200 for service in SERVICES)

    def note(self, service: str, note: str) -> bool:
        return self.request(service, "/notes", note)[0] == 200

    def notes(self, service: str) -> str:
        return self.request(service, "/notes")[1]

    def request(self, service: str, path: str, body: str | None = None) -> tuple[int, str]:
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.installation.ports.of(service), timeout=15
        )
        try:
            connection.request("GET" if body is None else "POST", path, body)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException):
            return 0, ""
        finally:
            connection.close()

    @property
    def admin_url(self) -> str:
        password = load(self.installation.secrets_file).superuser_password
        return EmbeddedPostgres(
            self.installation.postgres_folder,
            port=self.installation.ports.postgres,
            password=password,
        ).admin_url

    def postmaster(self) -> int:
        file = self.installation.postgres_folder / "data" / "postmaster.pid"
        return int(file.read_text().splitlines()[0])

    def kill_postgres(self) -> None:
        """Kill the server, and wait until another has taken its place."""
        killed = self.postmaster()
        os.kill(killed, signal.SIGKILL)
        await_end(killed)
        wait_until(lambda: is_another(self.postmaster, killed))

    def serving(self) -> int:
        """Return the process id of the service process: the supervisor's child that serves."""
        holder = instance.current_holder(self.installation.lock_file)
        assert holder is not None
        children = Path(f"/proc/{holder.pid}/task/{holder.pid}/children").read_text().split()
        for pid in children:
            if self.serving_mark in Path(f"/proc/{pid}/cmdline").read_bytes():
                return int(pid)
        raise AssertionError("no service process")

    def _is_announced(self) -> bool:
        return self.output.read_text().count("Forbear is running.") == self.runs

    def _is_over(self) -> bool:
        return self.process is None or self.process.poll() is not None

    @property
    def run_command(self) -> list[str]:
        """Return what starts the supervisor."""
        folder = str(self.installation.folder)
        return [sys.executable, "-m", "tests.integration.standin", "run", folder]


def unused_ports() -> Ports:
    """Return a range of ports that nobody listens on."""
    for start in range(21000, 29000, 50):
        ports = Ports(start=start + os.getpid() % 50)
        if not taken_ports(Installation(folder=Path("unused"), ports=ports)):
            return ports
    raise AssertionError("no free ports")


@pytest.fixture
def free_ports() -> Ports:
    """Return a range of ports that nobody listens on."""
    return unused_ports()


@pytest.fixture
def running(tmp_path: Path, free_ports: Ports) -> Iterator[Running]:
    """Return a running installation with stand-in services."""
    made = Running(tmp_path / "installation", free_ports)
    made.start()
    yield made
    made.stop()
