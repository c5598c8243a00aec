"""A whole installation as its users have it: `forbear run` with the real services."""

import json
import sys
import time
from typing import Any

import httpx2

from tests.integration.conftest import Running


class RealInstallation(Running):
    """`forbear run` in a folder of its own, on ports of its own."""

    serving_mark = b"serve"

    @property
    def run_command(self) -> list[str]:
        """Return what starts the supervisor."""
        return [sys.executable, "-m", "services", "run"]

    @property
    def key(self) -> str:
        """Return the sandbox key, as the banner printed it."""
        return str(json.loads(self.installation.sandbox_file.read_text())["api_key"])

    def url(self, service: str, path: str) -> str:
        """Return the address of a route."""
        return f"{self.installation.url_of(service)}/v1{path}"

    def client(self) -> httpx2.Client:
        """Return a client with the sandbox key."""
        return httpx2.Client(headers={"Authorization": f"Bearer {self.key}"}, timeout=5)

    def post(self, client: httpx2.Client, service: str, path: str, body: Any, key: str) -> Any:
        """Send a command until it is answered; the key makes that safe."""
        for _ in range(600):
            try:
                answer = client.post(
                    self.url(service, path), json=body, headers={"Idempotency-Key": key}
                )
            except httpx2.HTTPError:
                time.sleep(0.05)
                continue
            if answer.status_code < 500 and answer.status_code != 409:
                assert answer.status_code < 300, answer.text
                return answer.json()
            time.sleep(0.05)
        raise AssertionError("never answered")
