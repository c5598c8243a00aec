"""Contact: its routes, the procedures that dispatch, the jobs that finish what was begun."""

from typing import Any

import msgspec
from pydantic import TypeAdapter
from starlette.responses import Response

from services.contact.attempts import api as attempts_api
from services.contact.attempts import domain as attempts
from services.contact.attempts import reactions as attempt_reactions
from services.contact.attempts.answers import DispatchClaim
from services.contact.attempts.bodies import AttemptBody, OutcomeBody
from services.contact.attempts.dispatch import Letter
from services.contact.attempts.domain import Attempt, commands
from services.contact.attempts.jobs import AttemptJobs, RemoteGate, StoredAttempts
from services.contact.permit_client import Permits
from services.contact.profiles import api as profiles_api
from services.contact.profiles import consents as consents_api
from services.contact.profiles import inbound as inbound_api
from services.contact.profiles import reactions as profile_reactions
from services.contact.profiles.bodies import (
    ConsentBody,
    InboundCallBody,
    InboundMessageBody,
    ReleaseBody,
    StatementBody,
    WithdrawalBody,
)
from shared.eventstore.transact import Context, Issue
from shared.http.call import Call
from shared.http.hearing import compliance_for
from shared.kernel.records import replace
from shared.messaging.jobs import DueJob
from tests.simulation.channels import MailServer, World
from tests.simulation.directory import Directory
from tests.simulation.jobs import SimulatedJobs
from tests.simulation.network import Transport
from tests.simulation.serving import Route, ServerProcess, SimulatedCall

_STATEMENT: Any = TypeAdapter(StatementBody)


class Desk:
    """Knows addresses by the ids of contact points: what is sealed is nobody's question here."""

    async def open(self, attempt: Attempt) -> Letter | None:
        """Return a letter."""
        return Letter(
            message_id=attempt.attempt_id,
            recipient=attempt.target.contact_point_id,
            subject="",
            body="",
        )

    async def number_of(self, attempt: Attempt) -> str | None:
        """Return whom to dial."""
        return attempt.target.contact_point_id


class ContactProcess(ServerProcess):
    """One process of contact."""

    def start(self, directory: Directory, world: World) -> None:
        """Read the other services' events and do due work."""
        self._directory = directory
        client = self.composition.compliance_client(
            "http://compliance", Transport(self.network, "compliance", self.process)
        )
        self.state.compliance = client
        self.state.process = self.process
        self._mailer = MailServer(self.process, world)
        self._jobs = AttemptJobs(self.foundation, client, self._mailer)
        self.subscribe("contact-profiles-from-ledger", "ledger", profile_reactions.HANDLERS)
        self.subscribe("contact-attempts-from-compliance", "compliance", attempt_reactions.HANDLERS)
        handlers = self.composition.jobs({**self._jobs.handlers(), "dispatch-email": self._send})
        jobs = SimulatedJobs(self.connection.database, self.process, handlers)
        self.process.spawn(jobs.run(), "jobs")

    def routes(self) -> dict[tuple[str, str], Route]:
        """Return what is served."""
        return {
            ("POST", "/v1/attempts"): self._request,
            ("POST", "/v1/attempts/*/dispatch"): self._dispatch,
            ("POST", "/v1/attempts/*/outcome"): self._report,
            ("POST", "/v1/attempts/*/cancel"): _cancel,
            ("POST", "/v1/consumers/*/statements"): self._state,
            ("POST", "/v1/protective-facts/*/release"): _release,
            ("POST", "/v1/inbound-calls"): self._receive_call,
            ("POST", "/v1/inbound-messages"): self._receive_message,
            ("POST", "/v1/consents"): self._consent,
            ("POST", "/v1/consents/*/withdraw"): _withdraw,
        }

    async def _request(self, call: SimulatedCall, body: Any) -> Response:
        asked = AttemptBody.model_validate(body)
        call.found = [self._directory.point_row(asked.account_id, asked.contact_point_id)]
        return await attempts_api.request_attempt(asked, call)

    async def _dispatch(self, call: Call, body: Any, attempt_id: str) -> Response:
        """Do what the route does, with a timer of the virtual loop."""
        dispatch_id = call.ids.new("req")
        issue = Issue(
            stream=attempts.stream(attempt_id),
            decider=attempts.ATTEMPTS,
            command=lambda moment: commands.StartDispatch(
                dispatch_id=dispatch_id, channel="call", now=moment.now
            ),
        )
        claim = DispatchClaim(attempt_id=attempt_id, dispatch_id=dispatch_id)
        outcome = await call.decide([issue], lambda decided: claim, status=200)
        if outcome.answer is None:
            raise LookupError("the outcome has no answer")
        held = msgspec.json.decode(outcome.answer.body)
        dispatch = self.composition.call_dispatch(
            log=StoredAttempts(
                self.foundation, Context(tenant=call.tenant, metadata=call.context.metadata)
            ),
            gate=self.composition.gate(RemoteGate(Permits(compliance_for(call)))),
            book=Desk(),
            timer=self.process.loop.time,
        )
        leave = await dispatch.run(held["attempt_id"], held["dispatch_id"])
        return Response(msgspec.json.encode(leave))

    async def _send(self, job: DueJob) -> None:
        """Do what the job does, with a timer of the virtual loop."""
        metadata = replace(job.metadata, actor=f"process:{job.kind}", causation_id=job.key)
        compliance = self.state.compliance.speaking_for(
            self.foundation.signer, job.tenant, metadata
        )
        dispatch = self.composition.email_dispatch(
            log=StoredAttempts(self.foundation, Context(tenant=job.tenant, metadata=metadata)),
            gate=self.composition.gate(RemoteGate(Permits(compliance))),
            desk=Desk(),
            mailer=self._mailer,
            timer=self.process.loop.time,
        )
        await dispatch.run(job.arguments["attempt_id"], self.ids.new("req"))

    async def _report(self, call: SimulatedCall, body: Any, attempt_id: str) -> Response:
        self._look_up(call, *body.get("statements", ()))
        given = OutcomeBody.model_validate(body)
        return await attempts_api.report_outcome(attempt_id, given, call)

    async def _state(self, call: SimulatedCall, body: Any, consumer_id: str) -> Response:
        self._look_up(call, body)
        said = _STATEMENT.validate_python(body)
        return await profiles_api.record_statement(consumer_id, said, call)

    async def _receive_call(self, call: SimulatedCall, body: Any) -> Response:
        self._look_up(call, body)
        return await inbound_api.receive_call(InboundCallBody.model_validate(body), call)

    async def _receive_message(self, call: SimulatedCall, body: Any) -> Response:
        self._look_up(call, body)
        return await inbound_api.receive_message(InboundMessageBody.model_validate(body), call)

    async def _consent(self, call: SimulatedCall, body: Any) -> Response:
        self._look_up(call, body)
        return await consents_api.record_consent(ConsentBody.model_validate(body), call)

    def _look_up(self, call: SimulatedCall, *bodies: Any) -> None:
        """Show the request the accounts that are named in it."""
        named = {body["account_id"] for body in bodies if "account_id" in body}
        for body in bodies:
            for field in ("account_ids", "stay_lifted", "postpetition", "reaffirmed"):
                named.update(body.get(field, ()))
        call.found = [self._directory.account_row(each) for each in sorted(named)]


async def _cancel(call: Call, body: Any, attempt_id: str) -> Response:
    return await attempts_api.cancel_attempt(attempt_id, call)


async def _withdraw(call: Call, body: Any, consent_id: str) -> Response:
    given = WithdrawalBody.model_validate(body)
    return await consents_api.withdraw_consent(consent_id, given, call)


async def _release(call: Call, body: Any, fact_id: str) -> Response:
    return await profiles_api.release_protective_fact(
        fact_id, ReleaseBody.model_validate(body), call
    )
