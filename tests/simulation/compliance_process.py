"""Compliance: its permit routes, its gates fed from three services."""

from typing import Any

import msgspec
from starlette.responses import Response

from services.compliance.content import api as content_api
from services.compliance.content.bodies import ContentCheckBody
from services.compliance.facts import api as facts_api
from services.compliance.facts import (
    attempts_from_contact,
    from_contact,
    from_disputes,
    from_ledger,
)
from services.compliance.licences import api as licences_api
from services.compliance.packs import api as packs_api
from services.compliance.permits import api as permits_api
from services.compliance.permits import clearances as clearances_api
from services.compliance.permits import reviews as reviews_api
from services.compliance.permits.bodies import ContactBody, OutcomeBody, ReleaseBody
from services.compliance.permits.clearance_bodies import ClearanceBody
from shared.http.call import Call
from tests.simulation.rule_books import EveryTenant
from tests.simulation.serving import Route, ServerProcess, SimulatedCall

FACTS = {
    "ledger": from_ledger.HANDLERS,
    "contact": (*from_contact.HANDLERS, *attempts_from_contact.HANDLERS),
    "disputes": from_disputes.HANDLERS,
}


class ComplianceProcess(ServerProcess):
    """One process of compliance."""

    def start(self) -> None:
        """Read the other services' events, and look rule packs up."""
        database = self.connection.database
        library = self.composition.books(self.composition.book, self.process, self.connection)
        library.open(
            self.connection, self.transactor, self.ids, EveryTenant(database, self.process)
        )
        self.state.basis = self.composition.basis(library)
        self.process.spawn(library.run(), "rule packs")
        for source, handlers in FACTS.items():
            self.subscribe(f"compliance-facts-from-{source}", source, handlers)

    def routes(self) -> dict[tuple[str, str], Route]:
        """Return what is served."""
        return {
            ("POST", "/v1/permits"): _request,
            ("POST", "/v1/permits/*/redeem"): _redeem,
            ("POST", "/v1/permits/*/outcome"): _report,
            ("POST", "/v1/permits/*/release"): _release,
            ("POST", "/v1/clearances"): _clear,
            ("POST", "/v1/call-reviews"): _review,
            ("POST", "/v1/content-checks"): _check,
            ("PUT", "/v1/licences/*"): _license,
            ("POST", "/v1/licences/*/end"): _end_licence,
            ("POST", "/v1/rule-packs"): _draft,
            ("POST", "/v1/rule-packs/*/observe"): _observe,
            ("POST", "/v1/rule-packs/*/activate"): _activate,
            ("POST", "/v1/rule-packs/*/withdraw"): _withdraw,
            ("PUT", "/v1/protective-facts/*"): _put_fact,
            ("PUT", "/v1/protective-facts/*/release"): _release_fact,
        }


async def _request(call: Call, body: Any) -> Response:
    return await permits_api.request_permit(ContactBody.model_validate(body), call)


async def _redeem(call: Call, body: Any, permit_id: str) -> Response:
    return await permits_api.redeem_permit(permit_id, ContactBody.model_validate(body), call)


async def _report(call: Call, body: Any, permit_id: str) -> Response:
    return await permits_api.report_outcome(permit_id, OutcomeBody.model_validate(body), call)


async def _release(call: Call, body: Any, permit_id: str) -> Response:
    return await permits_api.release_permit(permit_id, ReleaseBody.model_validate(body), call)


async def _clear(call: Call, body: Any) -> Response:
    return await clearances_api.request_clearance(ClearanceBody.model_validate(body), call)


async def _review(call: Call, body: Any) -> Response:
    return await reviews_api.review_call(reviews_api.ReviewBody.model_validate(body), call)


async def _check(call: Call, body: Any) -> Response:
    checked = ContentCheckBody.model_validate_json(msgspec.json.encode(body))
    return await content_api.check_content(checked, call)


async def _license(call: Call, body: Any, authority: str) -> Response:
    given = licences_api.LicenceBody.model_validate_json(msgspec.json.encode(body))
    return await licences_api.put_licence(authority, given, call)


async def _end_licence(call: Call, body: Any, authority: str) -> Response:
    given = licences_api.EndBody.model_validate(body)
    return await licences_api.end_licence(authority, given, call)


async def _draft(call: SimulatedCall, body: Any) -> Response:
    call.found = [{"packs": 0}]
    return await packs_api.draft_rule_pack(packs_api.DraftBody.model_validate(body), call)


async def _observe(call: Call, body: Any, pack_id: str) -> Response:
    return await packs_api.observe_rule_pack(pack_id, body["seen"], call)


async def _activate(call: Call, body: Any, pack_id: str) -> Response:
    given = packs_api.ActivationBody.model_validate(body["step"])
    return await packs_api.activate_rule_pack(pack_id, given, body["seen"], call)


async def _withdraw(call: Call, body: Any, pack_id: str) -> Response:
    given = packs_api.WithdrawalBody.model_validate(body["step"])
    return await packs_api.withdraw_rule_pack(pack_id, given, body["seen"], call)


async def _put_fact(call: Call, body: Any, fact_id: str) -> Response:
    return await facts_api.put_protective_fact(
        fact_id, facts_api.FactBody.model_validate(body), call
    )


async def _release_fact(call: Call, body: Any, fact_id: str) -> Response:
    return await facts_api.release_protective_fact(
        fact_id, facts_api.ReleaseBody.model_validate(body), call
    )
