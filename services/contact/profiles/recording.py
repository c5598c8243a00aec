"""How what was said becomes a command to a profile, its words sealed on the way."""

from typing import Any

from services.contact.profiles import domain as profiles
from services.contact.profiles.answers import Version
from services.contact.profiles.bodies import AttorneyBody, StatementBody
from services.contact.profiles.domain import commands, refusals
from shared.eventstore.transact import Issue, Outcome
from shared.http.call import Call
from shared.kernel.sealed import Sealed

REFUSALS = (
    refusals.AccountNotFound,
    refusals.AccountNotOfConsumer,
    refusals.ContactPointNotFound,
    refusals.MediumDoesNotFit,
    refusals.InTheFuture,
    refusals.ConsentScopeMixed,
    refusals.ConsentsToNothing,
    refusals.EndsBeforeItStarts,
)


async def statement_issue(call: Call, consumer_id: str, fact_id: str, body: StatementBody) -> Issue:
    """Return the issue that records what a body says, its words sealed."""
    statement = await sealed_text(call, consumer_id, "statement", body.text)
    attorney = body.attorney if isinstance(body, AttorneyBody) else None
    said = body.said(await sealed_text(call, consumer_id, "attorney", attorney))
    return profile_issue(
        consumer_id,
        lambda moment: commands.RecordStatement(
            consumer_id=consumer_id,
            fact_id=fact_id,
            said=said,
            received_at=body.received_at,
            statement=statement,
            now=moment.now,
        ),
    )


def seen_in(outcome: Outcome, consumer_id: str) -> Version:
    """Return the profile's version after a change."""
    stream = profiles.stream(consumer_id)
    return Version(stream=stream, version=outcome.versions[stream])


def profile_issue(consumer_id: str, command: Any) -> Issue:
    """Return the issue of a command to a profile."""
    return Issue(stream=profiles.stream(consumer_id), decider=profiles.PROFILES, command=command)


async def sealed_text(call: Call, consumer_id: str, field: str, text: str | None) -> Sealed | None:
    """Seal words of or about the consumer, if there are any."""
    if text is None:
        return None
    return await call.foundation.sealer.seal(call.tenant, consumer_id, field, text)
