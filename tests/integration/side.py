"""A service's way of speaking to compliance in tests: signed, and again until it is answered."""

from collections.abc import Mapping
from typing import Any

from shared.http.service_token import ServiceTokenSigner
from shared.kernel.clock import RandomIds, SystemClock
from tests.system import TENANT, System

TRIES_MAX = 50


class Side:
    """The contact service's way of speaking to compliance."""

    def __init__(self, system: System) -> None:
        self._client = system.client("compliance")
        self._signer = ServiceTokenSigner(
            "contact", system.keys.signing["contact"], clock=SystemClock().now
        )
        self._ids = RandomIds()

    async def call(self, method: str, path: str, body: Mapping[str, Any]) -> Any:
        """Return the answer to one request, however often it must be sent."""
        key = self._ids.new("req")
        for _ in range(TRIES_MAX):
            answer = await self.send(method, path, body, key)
            if answer.status_code != 503:
                assert answer.status_code in (200, 201), answer.text
                return answer.json()
        raise AssertionError("no answer")

    async def send(self, method: str, path: str, body: Mapping[str, Any], key: str) -> Any:
        """Return the response to one request, whatever it is."""
        token = self._signer.token(audience="compliance", tenant=TENANT, actor="test", scopes=())
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        return await self._client.request(method, f"/v1{path}", json=body, headers=headers)

    async def redeem(self, permit_id: str, intended: Mapping[str, Any]) -> Any:
        """Redeem a permit to call; a call that may be made is made at once and not answered.

        Until its outcome is known no other call to the same person may begin.
        """
        answer = await self.call("POST", f"/permits/{permit_id}/redeem", intended)
        if answer["is_redeemed"]:
            outcome = {"consumer_id": intended["consumer_id"], "outcome": "no_answer"}
            await self.call("POST", f"/permits/{permit_id}/outcome", outcome)
        return answer

    async def close(self) -> None:
        await self._client.aclose()
