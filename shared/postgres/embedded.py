"""An unmodified PostgreSQL server in a folder, started and stopped by us.

It listens on the loopback address only, asks for a password, is durable unless told otherwise,
and stops when the process that started it dies, however it dies.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shared.postgres.identity import Identity, choose_identity
from shared.postgres.lifeline import die_with_parent
from shared.postgres.programs import icu_data, server_program

SUPERUSER = "forbear_admin"
HOST = "127.0.0.1"
START_TIMEOUT_S = 60.0  # recovery after a crash reads the whole log since the last checkpoint
STOP_TIMEOUT_S = 30.0
PREDECESSOR_TIMEOUT_S = 35.0
LOG_TAIL_LINES = 15
_STATUS_LINE = 7  # of postmaster.pid
_returned_ports: set[int] = set()

_SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "wal_compression": "lz4",
    "default_toast_compression": "lz4",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "client_connection_check_interval": "5s",
    "shared_preload_libraries": "pg_stat_statements",
    "pg_stat_statements.track_utility": "off",
    # Personal data must not reach the log: no statement, no parameter, no row of a violated key.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
_THROWAWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class ServerFailed(Exception):
    """The server did not start; the text holds the end of its log."""


class EmbeddedPostgres:
    """One server: `folder/data` is its cluster, `folder/postgres.log` its log.

    The caller makes sure that no two processes use the same folder at once.
    """

    def __init__(self, folder: Path, *, port: int, password: str, durable: bool = True) -> None:
        self.folder = folder.resolve()
        self.data = self.folder / "data"
        self.log = self.folder / "postgres.log"
        self.port = port
        self._password = password
        self._durable = durable
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def admin_url(self) -> str:
        """Return the superuser's URL."""
        return f"postgresql://{SUPERUSER}:{self._password}@{HOST}:{self.port}/postgres"

    @property
    def pid(self) -> int | None:
        """Return the server's process id while it runs."""
        return self._process.pid if self._process and self.is_running() else None

    def is_running(self) -> bool:
        """Tell whether the server's process is alive."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Create the cluster if there is none, start the server and wait until it answers.

        Raises:
            ServerFailed: it ended, or did not answer in time.
            ServerUnavailable: there is no server for this platform.
        """
        program = server_program("postgres")
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        identity = choose_identity(self.data)
        if not self.data.exists():
            self._create_cluster(identity)
        self._await_predecessor()
        settings = (
            _SETTINGS | (_DURABLE if self._durable else _THROWAWAY) | {"port": str(self.port)}
        )
        command = [program, "-D", str(self.data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*identity.prefix, *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C in a terminal is for us; we stop it in order
                preexec_fn=die_with_parent(signal.SIGINT),
                **self._surroundings(),
                **identity.options,
            )
        self._await_ready()

    def stop(self) -> None:
        """Stop the server cleanly, cutting its connections; at once if that takes too long."""
        process = self._process
        if process is None or process.poll() is not None:
            return
        for stop_signal in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):  # fast, immediate
            process.send_signal(stop_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_TIMEOUT_S)
                return

    def _create_cluster(self, identity: Identity) -> None:
        # Made beside its place and renamed, so that a killed initdb never leaves half a cluster.
        unfinished = self.folder / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        password_file = self.folder / "superuser.password"
        password_file.unlink(missing_ok=True)
        password_file.touch(mode=0o600)
        password_file.write_text(self._password)
        for path in (self.folder, unfinished, password_file):
            identity.own(path)
        command = [server_program("initdb"), "-D", str(unfinished), "-U", SUPERUSER]
        command += ["--auth=scram-sha-256", f"--pwfile={password_file}", "--encoding=UTF8"]
        command += ["--locale=C.UTF-8", "--locale-provider=libc", "--data-checksums"]
        if not self._durable:
            command.append("--no-sync")
        try:
            subprocess.run(
                [*identity.prefix, *command],
                check=True,
                capture_output=True,
                start_new_session=True,
                **self._surroundings(),
                **identity.options,
            )
        except subprocess.CalledProcessError as error:
            raise ServerFailed(error.stderr.decode(errors="replace").strip()) from error
        finally:
            password_file.unlink(missing_ok=True)
        unfinished.rename(self.data)

    def _surroundings(self) -> dict[str, Any]:
        environment = {"HOME": str(self.folder), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        environment["PATH"] = os.environ.get("PATH", os.defpath)
        if folder := icu_data():
            environment["ICU_DATA"] = folder
        return {"env": environment, "cwd": str(self.folder)}

    def _await_predecessor(self) -> None:
        # A killed server's backends end by themselves, and a server whose supervisor was killed
        # is shutting down. Only when none is left is the old lock file known to be stale: its
        # process id may meanwhile belong to something else, and the server would refuse to start.
        end = time.monotonic() + PREDECESSOR_TIMEOUT_S
        while running := list(_processes_in(self.data)):
            if time.monotonic() > end:
                raise ServerFailed(f"processes {running} still use {self.data}")
            time.sleep(0.05)
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _await_ready(self) -> None:
        end = time.monotonic() + START_TIMEOUT_S
        while not self._says_ready():
            if not self.is_running():
                raise ServerFailed(f"PostgreSQL ended at start:\n{self._log_tail()}")
            if time.monotonic() > end:
                self.stop()
                raise ServerFailed(f"PostgreSQL did not answer in time:\n{self._log_tail()}")
            time.sleep(0.02)

    def _says_ready(self) -> bool:
        # Its own lock file, not a knock at the port: another server may be answering there.
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        is_whole = len(lines) > _STATUS_LINE
        return is_whole and int(lines[0]) == self.pid and lines[_STATUS_LINE].strip() == "ready"

    def _log_tail(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(lines[-LOG_TAIL_LINES:])


def free_port() -> int:
    """Return a loopback port that nobody listens on now, and that was not returned before."""
    with contextlib.ExitStack() as stack:
        while True:
            listener = stack.enter_context(socket.socket())
            listener.bind((HOST, 0))
            port: int = listener.getsockname()[1]
            if port not in _returned_ports:
                _returned_ports.add(port)
                return port


def _processes_in(data: Path) -> Iterator[int]:
    # PostgreSQL's processes work in their data folder; a shell left there is not one of them.
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.readlink(entry / "cwd") == str(data) and _is_server(entry):
                yield int(entry.name)


def _is_server(entry: Path) -> bool:
    return (entry / "comm").read_text().strip() == "postgres"
