"""One installation: the folder that holds everything it must keep, and the ports it uses."""

import os
from pathlib import Path

from shared.kernel.records import record

SERVICES = ("ledger", "contact", "disputes", "compliance")
MAILBOX = "mailbox"
HOST = "127.0.0.1"
PORT_BASE = 8100
_OFFSETS = {name: offset for offset, name in enumerate(SERVICES, start=1)}
_MAILBOX, _SMTP, _POSTGRES = 25, 26, 32


@record
class Ports:
    """Fixed ports, all counted from one base (`FORBEAR_PORT_BASE`)."""

    start: int = PORT_BASE

    def of(self, service: str) -> int:
        """Return the port of a service's API."""
        return self.start + _OFFSETS[service]

    @property
    def mailbox(self) -> int:
        """Return the port of the development mailbox's pages."""
        return self.start + _MAILBOX

    @property
    def smtp(self) -> int:
        """Return the port at which the development mailbox takes mail."""
        return self.start + _SMTP

    @property
    def postgres(self) -> int:
        """Return the port of the embedded PostgreSQL."""
        return self.start + _POSTGRES

    def named(self, *, with_postgres: bool) -> dict[str, int]:
        """Return every port by what listens on it."""
        ports = {service: self.of(service) for service in SERVICES}
        ports |= {"mailbox": self.mailbox, "smtp": self.smtp}
        return ports | ({"postgres": self.postgres} if with_postgres else {})


@record
class Installation:
    """Where an installation keeps its things; `database_url` replaces the embedded server."""

    folder: Path
    ports: Ports
    database_url: str | None = None

    @property
    def secrets_file(self) -> Path:
        """Return the file of keys and passwords."""
        return self.folder / "secrets.json"

    @property
    def sandbox_file(self) -> Path:
        """Return the file that holds the sandbox tenant's API key."""
        return self.folder / "sandbox.json"

    @property
    def lock_file(self) -> Path:
        """Return the file whose lock says that a supervisor runs."""
        return self.folder / "supervisor.lock"

    def log_of(self, process: str) -> Path:
        """Return the log of a process that serves."""
        return self.folder / f"{process}.log"

    @property
    def postgres_folder(self) -> Path:
        """Return the folder of the embedded server."""
        return self.folder / "postgres"

    @property
    def mailbox_folder(self) -> Path:
        """Return the folder of the development mailbox's messages."""
        return self.folder / "mailbox"

    def url_of(self, service: str) -> str:
        """Return the address of a service's API."""
        return f"http://{HOST}:{self.ports.of(service)}"

    @property
    def addresses(self) -> dict[str, str]:
        """Return every address that a person may want to open, by what is there."""
        urls = {service: self.url_of(service) for service in SERVICES}
        return {**urls, "mailbox": f"http://{HOST}:{self.ports.mailbox}"}


def locate(data_dir: Path | None = None) -> Installation:
    """Find the installation by option, environment or default (`.forbear` in the project)."""
    project = Path(__file__).resolve().parents[2]
    named = data_dir or os.environ.get("FORBEAR_DATA_DIR")
    return Installation(
        folder=Path(named).resolve() if named else project / ".forbear",
        ports=Ports(start=int(os.environ.get("FORBEAR_PORT_BASE", PORT_BASE))),
        database_url=os.environ.get("DATABASE_URL") or None,
    )
