"""Compliance: its permit routes, its gates fed from three services."""

from typing import Any

from starlette.responses import Response

from services.compliance.facts import api as facts_api
from services.compliance.facts import from_contact, from_disputes, from_ledger
from services.compliance.permits import api as permits_api
from services.compliance.permits.bodies import ContactBody, OutcomeBody, ReleaseBody
from shared.http.call import Call
from tests.simulation.serving import Route, ServerProcess

_FACTS = {"ledger": from_ledger, "contact": from_contact, "disputes": from_disputes}


class ComplianceProcess(ServerProcess):
    """One process of compliance."""

    def start(self) -> None:
        """Read the other services' events."""
        self.state.basis = self.composition.basis
        for source, facts in _FACTS.items():
            self.subscribe(f"compliance-facts-from-{source}", source, facts.HANDLERS)

    def routes(self) -> dict[tuple[str, str], Route]:
        """Return what is served."""
        return {
            ("POST", "/v1/permits"): _request,
            ("POST", "/v1/permits/*/redeem"): _redeem,
            ("POST", "/v1/permits/*/outcome"): _report,
            ("POST", "/v1/permits/*/release"): _release,
            ("PUT", "/v1/protective-facts/*"): _put_fact,
        }


async def _request(call: Call, body: Any) -> Response:
    return await permits_api.request_permit(ContactBody.model_validate(body), call)


async def _redeem(call: Call, body: Any, permit_id: str) -> Response:
    return await permits_api.redeem_permit(permit_id, ContactBody.model_validate(body), call)


async def _report(call: Call, body: Any, permit_id: str) -> Response:
    return await permits_api.report_outcome(permit_id, OutcomeBody.model_validate(body), call)


async def _release(call: Call, body: Any, permit_id: str) -> Response:
    return await permits_api.release_permit(permit_id, ReleaseBody.model_validate(body), call)


async def _put_fact(call: Call, body: Any, fact_id: str) -> Response:
    return await facts_api.put_protective_fact(
        fact_id, facts_api.FactBody.model_validate(body), call
    )
