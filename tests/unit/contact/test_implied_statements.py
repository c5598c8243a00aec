"""What an outcome says by itself is heard as a statement, unless the caller says more."""

from datetime import datetime, timedelta

import pytest

from services.contact.attempts.concluding import disputed, implied
from services.contact.attempts.domain import ATTEMPTS, Attempt, outcomes
from services.contact.profiles.domain import commands
from tests.unit.contact.samples import EMAIL, NOON, conclude, happened, permit, start

CALL = ATTEMPTS.fold(happened(permit()))
MAIL = ATTEMPTS.fold(happened(permit(EMAIL)))


@pytest.mark.parametrize(
    ("attempt", "outcome", "said"),
    [
        (CALL, "cease_requested", commands.Cease(in_writing=False, medium="call")),
        (CALL, "opt_out", commands.OptOut(medium="call")),
        (CALL, "attorney_represented", commands.Attorney(account_ids=("acct_1",))),
        (CALL, "wrong_number", commands.WrongNumber(contact_point_id="cp_1")),
        (CALL, "employer_prohibits", commands.EmployerProhibits()),
        (
            MAIL,
            "email_unsubscribed",
            commands.OptOut(medium="email", contact_point_id="cp_2"),
        ),
        (CALL, "right_party_dispute", None),
        (CALL, "no_answer", None),
    ],
)
def test_hears_what_was_said(attempt: Attempt, outcome: str, said: commands.Said | None) -> None:
    assert implied(attempt, outcome, set()) == said


def test_leaves_it_to_the_caller_who_says_more() -> None:
    assert implied(CALL, "attorney_represented", {"attorney"}) is None


def test_every_implication_is_of_an_outcome_that_can_come_about() -> None:
    assert set(outcomes.IMPLIES) <= outcomes.CALL_OUTCOMES | outcomes.EMAIL_OUTCOMES


@pytest.mark.parametrize("ended_at", [None, NOON - timedelta(minutes=1)])
def test_a_repeat_tells_a_dispute_as_received_when_it_was_first_told(
    ended_at: datetime | None,
) -> None:
    told = conclude("right_party_dispute", ended_at=ended_at)
    attempt = ATTEMPTS.fold(happened(permit(), start(), told))
    _, dispute = disputed(attempt, "right_party_dispute", NOON + timedelta(hours=1))
    assert dispute.fact["received_at"] == (ended_at or told.now).isoformat()
