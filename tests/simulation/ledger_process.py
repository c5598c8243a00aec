"""The ledger: placements, payments and plans, and the holds that disputes place."""

from typing import Any

from starlette.responses import Response

from services.ledger.accounts import api as accounts_api
from services.ledger.accounts import reactions as account_reactions
from services.ledger.accounts.bodies import PaymentBody, RecallBody, ReversalBody
from services.ledger.placements import api as placements_api
from services.ledger.plans import api as plans_api
from services.ledger.plans import reactions as plan_reactions
from shared.http.call import Call
from tests.simulation.jobs import SimulatedJobs
from tests.simulation.serving import Route, ServerProcess


class LedgerProcess(ServerProcess):
    """One process of the ledger."""

    def start(self) -> None:
        """Read events and do due work."""
        self.subscribe("ledger-holds-from-disputes", "disputes", account_reactions.HANDLERS)
        handlers = plan_reactions.job_handlers(self.transactor)
        jobs = SimulatedJobs(self.connection.database, self.process, handlers)
        self.process.spawn(jobs.run(), "jobs")

    def routes(self) -> dict[tuple[str, str], Route]:
        """Return what is served."""
        return {
            ("POST", "/v1/placements"): _place,
            ("POST", "/v1/accounts/*/payments"): _pay,
            ("POST", "/v1/accounts/*/payments/*/reversals"): _reverse,
            ("POST", "/v1/accounts/*/plans"): _agree,
            ("POST", "/v1/accounts/*/recall"): _recall,
        }


async def _place(call: Call, body: Any) -> Response:
    return await placements_api.place_accounts(
        placements_api.PlacementBody.model_validate(body), call
    )


async def _pay(call: Call, body: Any, account_id: str) -> Response:
    return await accounts_api.record_payment(account_id, PaymentBody.model_validate(body), call)


async def _reverse(call: Call, body: Any, account_id: str, payment_id: str) -> Response:
    return await accounts_api.reverse_payment(
        account_id, payment_id, ReversalBody.model_validate(body), call
    )


async def _agree(call: Call, body: Any, account_id: str) -> Response:
    return await plans_api.agree_plan(account_id, plans_api.PlanBody.model_validate(body), call)


async def _recall(call: Call, body: Any, account_id: str) -> Response:
    return await accounts_api.recall_account(account_id, RecallBody.model_validate(body), call)
