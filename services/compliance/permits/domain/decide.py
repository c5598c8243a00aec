"""Decides what a gate answers: routes each command to its own function.

A veto is an event with its reasons. Deciding a command again on the resulting state yields
nothing; a redeem decided again is therefore no leave to dispatch a second time.
"""

from typing import assert_never

from services.compliance.permits.domain import (
    clearing,
    commands,
    deciding,
    outcome_reports,
    recording,
)
from services.compliance.permits.domain.events import Event
from services.compliance.permits.domain.state import GateState


def decide(command: commands.Command, state: GateState) -> tuple[Event, ...]:
    """Answer a command.

    Raises:
        AccountNotFound: a fact must be about accounts that the gate knows, and is not.
        NoPermit, PermitUnknown: no permit of that id, or one long past.
        PermitUsed: a permit that was redeemed is given back.
        OutcomeUnknown and the others of `refusals.OF_REPORTS`: a report that cannot be taken.
    """
    match command:
        case commands.RecordFact():
            return recording.record_fact(command, state)
        case commands.ReleaseFact():
            return recording.release_fact(command, state)
        case commands.RequestPermit():
            return deciding.request_permit(command, state)
        case commands.RedeemPermit():
            return deciding.redeem_permit(command, state)
        case commands.ReportOutcome():
            return outcome_reports.report_outcome(command, state)
        case commands.ReleasePermit():
            return outcome_reports.release_permit(command, state)
        case commands.ReportUnpermittedAttempt():
            return outcome_reports.report_unpermitted_attempt(command, state)
        case commands.ClearAct():
            return clearing.clear_act(command, state)
        case _:
            assert_never(command)
