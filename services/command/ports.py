"""Whether the installation's ports can be had."""

import socket
import time

from services.command.installation import HOST, Installation

PORT_TIMEOUT_S = 10.0
_PAUSE_S = 0.1


class PortsTaken(Exception):
    """Another program listens where we want to; the text names the ports and the way out."""


def require_free(installation: Installation, *, after_a_kill: bool) -> None:
    """Return when every port is free; what a killed predecessor left is given time to end.

    Raises:
        PortsTaken: a port is taken.
    """
    end = time.monotonic() + (PORT_TIMEOUT_S if after_a_kill else 0)
    while taken := taken_ports(installation):
        if time.monotonic() > end:
            named = ", ".join(f"{port} ({name})" for name, port in taken.items())
            raise PortsTaken(
                f"Taken by another program: port {named}. Stop that program, or choose other "
                f"ports with FORBEAR_PORT_BASE (now {installation.ports.start})."
            )
        time.sleep(_PAUSE_S)


def taken_ports(installation: Installation) -> dict[str, int]:
    """Return the ports that cannot be had now, by what wants them."""
    ports = installation.ports.named(with_postgres=installation.database_url is None)
    return {name: port for name, port in ports.items() if not is_free(port)}


def is_free(port: int) -> bool:
    """Tell whether we could listen on a loopback port."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
            listener.listen()
        except OSError:
            return False
    return True
