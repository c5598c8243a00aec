"""What a reported outcome records: the conclusion, and every statement that goes with it."""

from datetime import datetime
from typing import Any

from services.contact.attempts import domain as attempts
from services.contact.attempts.bodies import OutcomeBody
from services.contact.attempts.domain import outcomes
from services.contact.attempts.domain.commands import ConcludeAttempt
from services.contact.attempts.domain.refusals import AccountNotTheirs
from services.contact.profiles import views
from services.contact.profiles.accounts import require_own
from services.contact.profiles.domain import commands
from services.contact.profiles.recording import profile_issue, sealed_text, statement_issue
from shared.eventstore.transact import Issue
from shared.http.call import Call
from shared.http.hearing import Heard, hold_for

KIND_OF = {
    "oral_stop": "cease",
    "opt_out": "opt_out",
    "attorney": "attorney",
    "wrong_number": "wrong_number",
    "employer_prohibits": "employer_prohibits",
}
"""The kind of statement that says, in more words, what an outcome implies."""


async def require_theirs(call: Call, attempt: attempts.Attempt, body: OutcomeBody) -> None:
    """Refuse accounts that are not known to be the consumer's.

    Raises:
        AccountNotTheirs: naming the first one.
    """
    told = {
        "/account_ids_discussed": body.account_ids_discussed,
        "/account_ids_raised": body.account_ids_raised,
    }
    named = {each for account_ids in told.values() for each in account_ids}
    named.difference_update(attempt.target.account_ids)
    if not named:
        return
    rows = await call.rows(views.accounts_among(attempt.target.consumer_id, sorted(named)))
    others = named - {row["account_id"] for row in rows}
    for pointer, account_ids in told.items():
        for place, account_id in enumerate(account_ids):
            if account_id in others:
                raise AccountNotTheirs(
                    "this consumer has no such account here; give accounts of this consumer",
                    pointer=f"{pointer}/{place}",
                )


async def conclusion(
    call: Call, attempt: attempts.Attempt, body: OutcomeBody
) -> tuple[list[Issue], list[str]]:
    """Return the issues of one transaction, and the ids of the statements among them."""
    consumer_id = attempt.target.consumer_id
    note = await sealed_text(call, consumer_id, "note", body.note)
    issues = [_concluded(call, attempt, body, note)]
    fact_ids: list[str] = []
    said = implied(attempt, body.outcome, {each.kind for each in body.statements})
    if said is not None:
        # One outcome implies one statement: the id follows, so that a repeat is the same.
        fact_ids.append(f"fact_{attempt.attempt_id.removeprefix('att_')}")
        issues.append(_stated(consumer_id, fact_ids[0], said, body))
    for index, statement in enumerate(body.statements):
        await require_own(call, consumer_id, statement, at=f"/statements/{index}")
        fact_ids.append(call.ids.new("fact"))
        issues.append(await statement_issue(call, consumer_id, fact_ids[-1], statement))
    return issues, fact_ids


def implied(attempt: attempts.Attempt, outcome: str, besides: set[str]) -> commands.Said | None:
    """Return what an outcome says by itself, unless the caller says it in more words."""
    kind = outcomes.IMPLIES.get(outcome)
    if kind is None or KIND_OF.get(kind) in besides:
        return None
    aim = attempt.target
    match kind:
        case "oral_stop":
            return commands.Cease(in_writing=False, medium="call")
        case "opt_out":
            point = aim.contact_point_id if aim.channel == "email" else None
            return commands.OptOut(medium=aim.channel, contact_point_id=point)
        case "attorney":
            return commands.Attorney(account_ids=aim.account_ids)
        case "wrong_number":
            return commands.WrongNumber(contact_point_id=aim.contact_point_id)
        case "employer_prohibits":
            return commands.EmployerProhibits()
        case "dispute":
            return None  # not of the profile: see `disputed`


def disputed(attempt: attempts.Attempt, outcome: str, now: datetime) -> list[Heard]:
    """Return what compliance is told of a dispute that was stated; disputes will open the same.

    It was received when the call ended, or was reported: a repeat tells what the first report did.
    """
    dispute_id = outcomes.dispute_id(attempt.attempt_id, outcome)
    if dispute_id is None:
        return []
    last = attempt.conclusion
    received_at = last and (last.ended_at or last.at)
    fact = {
        "kind": "dispute",
        "account_id": attempt.target.account_ids[0],
        "in_writing": False,
        "received_at": min(received_at or now, now).isoformat(),
    }
    dispute = Heard(
        fact_id=dispute_id,
        consumer_id=attempt.target.consumer_id,
        source_stream=f"dispute-{dispute_id}",
        source_version=1,
        fact=fact,
    )
    return [hold_for(dispute), dispute]


def _concluded(call: Call, attempt: attempts.Attempt, body: OutcomeBody, note: Any) -> Issue:
    return Issue(
        stream=attempts.stream(attempt.attempt_id),
        decider=attempts.ATTEMPTS,
        command=lambda moment: ConcludeAttempt(
            outcome=body.outcome,
            started_at=body.started_at,
            ended_at=body.ended_at,
            discussed=tuple(body.account_ids_discussed),
            raised=tuple(body.account_ids_raised),
            reported_by=call.caller.actor,
            note=note,
            now=moment.now,
        ),
    )


def _stated(consumer_id: str, fact_id: str, said: commands.Said, body: OutcomeBody) -> Issue:
    return profile_issue(
        consumer_id,
        lambda moment: commands.RecordStatement(
            consumer_id=consumer_id,
            fact_id=fact_id,
            said=said,
            received_at=body.ended_at,
            now=moment.now,
        ),
    )
