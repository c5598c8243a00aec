"""Asking the services whether they are ready."""

import http.client

from services.command.installation import HOST, SERVICES, Installation

PROBE_TIMEOUT_S = 1.0


def is_ready(installation: Installation) -> bool:
    """Tell whether every service says that it is ready."""
    return all(probe(installation.ports.of(service)) == "ready" for service in SERVICES)


def not_ready(installation: Installation) -> dict[str, str]:
    """Return the services that do not say so, and what they say instead."""
    answers = {service: probe(installation.ports.of(service)) for service in SERVICES}
    return {service: answer for service, answer in answers.items() if answer != "ready"}


def probe(port: int, path: str = "/readyz") -> str:
    """Return `ready`, or in a few words what is in the way."""
    connection = http.client.HTTPConnection(HOST, port, timeout=PROBE_TIMEOUT_S)
    try:
        connection.request("GET", path)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return "no answer"
    finally:
        connection.close()
    return "ready" if status == 200 else f"not ready ({status})"
