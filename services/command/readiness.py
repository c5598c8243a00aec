"""Asking the services whether they are ready."""

import http.client
import json

from services.command.installation import HOST, SERVICES, Installation

PROBE_TIMEOUT_S = 1.0
READY, DEGRADED = "ready", "degraded"


def is_ready(installation: Installation) -> bool:
    """Tell whether every service takes requests, degraded or not."""
    return not not_ready(installation)


def not_ready(installation: Installation) -> dict[str, str]:
    """Return the services that take none, and what they say instead."""
    answers = {service: probe(installation.ports.of(service)) for service in SERVICES}
    return {each: answer for each, answer in answers.items() if answer not in (READY, DEGRADED)}


def probe(port: int, path: str = "/readyz") -> str:
    """Return `ready`, `degraded`, or in a few words what is in the way."""
    connection = http.client.HTTPConnection(HOST, port, timeout=PROBE_TIMEOUT_S)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        status, body = response.status, json.loads(response.read())
    except (OSError, http.client.HTTPException):
        return "no answer"
    except ValueError:
        return "an answer that is not ours"
    finally:
        connection.close()
    if status != 200:
        return f"not ready ({status})"
    return DEGRADED if body.get("status") == DEGRADED else READY
