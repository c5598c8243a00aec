"""Disputes: opened over HTTP or in a call, told to compliance at once and by feed."""

from typing import Any

from starlette.responses import Response

from services.disputes.disputes import api, reactions
from services.disputes.disputes.bodies import AnswerBody, DisputeBody, ResolutionBody
from shared.http.call import Call
from tests.simulation.directory import Directory
from tests.simulation.network import Transport
from tests.simulation.serving import Route, ServerProcess, SimulatedCall


class DisputesProcess(ServerProcess):
    """One process of disputes."""

    def start(self, directory: Directory) -> None:
        """Read what is said in calls."""
        self._directory = directory
        self.state.compliance = self.composition.compliance_client(
            "http://compliance", Transport(self.network, "compliance", self.process)
        )
        self.subscribe("disputes-statements-from-contact", "contact", reactions.HANDLERS)

    def routes(self) -> dict[tuple[str, str], Route]:
        """Return what is served."""
        return {
            ("POST", "/v1/disputes"): self._open,
            ("POST", "/v1/disputes/*/answer"): _answer,
            ("POST", "/v1/disputes/*/resolve"): _resolve,
        }

    async def _open(self, call: SimulatedCall, body: Any) -> Response:
        opening = DisputeBody.model_validate(body)
        call.found = [self._directory.account_row(opening.account_id)]
        return await api.open_dispute(opening, call)


async def _answer(call: Call, body: Any, dispute_id: str) -> Response:
    return await api.answer_dispute(dispute_id, AnswerBody.model_validate(body), call)


async def _resolve(call: Call, body: Any, dispute_id: str) -> Response:
    return await api.resolve_dispute(dispute_id, ResolutionBody.model_validate(body), call)
