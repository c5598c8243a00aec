"""What a report of an outcome may say: never what cannot be, nor less than was known already.

A correction only ever adds to a person's protection. What was reported by mistake is put right the
way anything is that is learnt late: as a fact of its own, from which the counts are made anew.
"""

from datetime import datetime, timedelta
from functools import partial

from services.compliance.permits.domain import commands, refusals
from services.compliance.permits.domain.state import GateState
from services.compliance.rules import counting
from services.compliance.rules.facts import AccountKnown, Channel
from services.compliance.rules.outcomes import OUTCOMES, UNKNOWN, fits, is_milder
from services.compliance.rules.slots import Slot
from shared.kernel.records import replace

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far a caller's clock may be off ours between two reports of the same conversation."""

_HOW_TO_CORRECT = (
    "A later report never restricts less. Where the number was not the person's, record a wrong"
    " number, and its calls count no more; a call that must be made all the same is put to a"
    " reviewer (POST /v1/call-reviews)."
)


def require_lawful(command: commands.ReportOutcome, slot: Slot, state: GateState) -> None:
    """Refuse what cannot come of the attempt, or would weaken what is on record of it.

    Raises:
        OutcomeUnknown, OutcomeMisfit, EndsBeforeItStarts, AccountNotTheirs, OutcomeMilder: as said.
    """
    require_fit(command.outcome, slot.request.channel)
    require_in_order(command.started_at, command.ended_at)
    _require_theirs(command, slot, state)
    _require_no_milder(command, slot)


def require_fit(outcome: str, channel: Channel) -> None:
    """Refuse what cannot come of an attempt through a channel.

    Raises:
        OutcomeUnknown, OutcomeMisfit: as said.
    """
    if outcome not in OUTCOMES:
        raise refusals.OutcomeUnknown("the outcome is not one of the table", pointer="/outcome")
    if not fits(outcome, channel):
        raise refusals.OutcomeMisfit(
            f"that cannot come of an attempt by {channel}; give one of its outcomes",
            pointer="/outcome",
        )


def require_in_order(started_at: datetime | None, ended_at: datetime | None) -> None:
    """Refuse times that run backwards; others that cannot be are held to what can.

    Raises:
        EndsBeforeItStarts: as said.
    """
    if started_at is not None and ended_at is not None and ended_at < started_at:
        raise refusals.EndsBeforeItStarts(
            "the attempt ends before it starts; give an end at or after started_at",
            pointer="/ended_at",
        )


def _require_theirs(command: commands.ReportOutcome, slot: Slot, state: GateState) -> None:
    known = {
        each.fact.account_id for each in state.facts.values() if isinstance(each.fact, AccountKnown)
    }
    known.update(slot.request.account_ids)
    for pointer, account_ids in (("/discussed", command.discussed), ("/raised", command.raised)):
        for place, account_id in enumerate(account_ids):
            if account_id not in known:
                raise refusals.AccountNotTheirs(
                    "this consumer has no such account here; give accounts of this consumer",
                    pointer=f"{pointer}/{place}",
                )


def _require_no_milder(command: commands.ReportOutcome, slot: Slot) -> None:
    if slot.outcome is None or slot.outcome == UNKNOWN:
        return
    if is_milder(command.outcome, slot.outcome):
        raise refusals.OutcomeMilder(
            f"Another outcome is on record, and this one restricts less. {_HOW_TO_CORRECT}",
            pointer="/outcome",
        )
    told = replace(
        slot,
        discussed=command.discussed or slot.discussed,
        raised=command.raised or slot.raised,
    )
    for pointer, accounts in (
        ("/raised", counting.accounts_called),
        # Whatever was brought up stays talked of, whoever's wish it was not to talk of it.
        ("/discussed", partial(counting.accounts_discussed, with_raised=True)),
    ):
        if not set(accounts(slot)) <= set(accounts(told)):
            raise refusals.OutcomeMilder(
                f"An account on record is left out. {_HOW_TO_CORRECT}", pointer=pointer
            )
    is_earlier = (
        command.ended_at is not None
        and slot.ended_at is not None
        and command.ended_at < slot.ended_at - CLOCK_TOLERANCE
    )
    if is_earlier and OUTCOMES[slot.outcome].conversation == "yes":
        raise refusals.OutcomeMilder(
            f"A later end is on record of the conversation. {_HOW_TO_CORRECT}", pointer="/ended_at"
        )
