"""Accounts: one debt each, on two axes: a lifecycle and a set of holds.

Money never moves without an event, the parts of a payment always add up to it, and an account
whose balance reaches zero is closed by an event of its own, never by the number alone. The account
knows the one plan it follows, so which plan a payment goes to is decided here.
"""

from typing import assert_never

from services.ledger.accounts.domain import deciding, payments, plans
from services.ledger.accounts.domain.allocation import ALLOCATION_ORDER
from services.ledger.accounts.domain.commands import (
    AttachPlan,
    CloseAccount,
    Command,
    DetachPlan,
    FlagHold,
    LiftHold,
    LiftHoldsOf,
    PlaceAccount,
    PlaceHold,
    RecallAccount,
    RecordPayment,
    ReversePayment,
)
from services.ledger.accounts.domain.events import (
    EVENTS,
    AccountActivated,
    AccountClosed,
    AccountRecalled,
    AccountReopened,
    CloseReason,
    DetachReason,
    Event,
    HoldLifted,
    HoldPlaced,
    HoldReason,
    Instrument,
    PaymentRecorded,
    PaymentReversed,
    PlanAttached,
    PlanDetached,
    PlanEndReason,
    RecallReason,
    Receiver,
    ReversalReason,
)
from services.ledger.accounts.domain.placed import (
    AccountPlaced,
    ConsumerClaim,
    CreditReporting,
    FeeTerms,
    InterestTerms,
    Itemization,
    Judgment,
    Medical,
    Particulars,
    Party,
    PlacedConsent,
    PlacedContactPoint,
    SettlementAuthority,
    SpecialFlag,
)
from services.ledger.accounts.domain.state import Account, Hold, Payment, evolve
from shared.kernel.decider import Claim, Decider

__all__ = [
    "ACCOUNTS",
    "ACCOUNT_NUMBER",
    "ALLOCATION_ORDER",
    "EVENTS",
    "Account",
    "AccountActivated",
    "AccountClosed",
    "AccountPlaced",
    "AccountRecalled",
    "AccountReopened",
    "AttachPlan",
    "CloseAccount",
    "CloseReason",
    "Command",
    "ConsumerClaim",
    "CreditReporting",
    "DetachPlan",
    "DetachReason",
    "Event",
    "FeeTerms",
    "FlagHold",
    "Hold",
    "HoldLifted",
    "HoldPlaced",
    "HoldReason",
    "Instrument",
    "InterestTerms",
    "Itemization",
    "Judgment",
    "LiftHold",
    "LiftHoldsOf",
    "Medical",
    "Particulars",
    "Party",
    "Payment",
    "PaymentRecorded",
    "PaymentReversed",
    "PlaceAccount",
    "PlaceHold",
    "PlacedConsent",
    "PlacedContactPoint",
    "PlanAttached",
    "PlanDetached",
    "PlanEndReason",
    "RecallAccount",
    "RecallReason",
    "Receiver",
    "RecordPayment",
    "ReversalReason",
    "ReversePayment",
    "SettlementAuthority",
    "SpecialFlag",
    "claims",
    "decide",
    "evolve",
    "stream",
]

ACCOUNT_NUMBER = "account-number"
"""Kind of the claim by which a creditor's account number names one account."""


def decide(command: Command, state: Account) -> tuple[Event, ...]:
    """Answer a command with what happens; a repeat yields nothing.

    Raises:
        DomainError: one of `refusals`, when the command does not fit the account.
    """
    match command:
        case PlaceAccount():
            return deciding.place(command, state)
        case PlaceHold():
            return deciding.place_hold(command, state)
        case LiftHold():
            return deciding.lift_hold(command, state)
        case LiftHoldsOf():
            return deciding.lift_holds_of(command, state)
        case RecordPayment():
            return payments.record_payment(command, state)
        case ReversePayment():
            return payments.reverse_payment(command, state)
        case RecallAccount():
            return deciding.recall(command, state)
        case CloseAccount():
            return deciding.close(command, state)
        case AttachPlan() | DetachPlan():
            return plans.decide(command, state)
        case _:
            assert_never(command)


def claims(event: Event) -> tuple[Claim, ...]:
    """Take the creditor's account number, and the consumers that are first seen here."""
    match event:
        case AccountPlaced():
            return (
                Claim(
                    kind=ACCOUNT_NUMBER,
                    digest=event.account_number_digest,
                    target=event.account_id,
                ),
                *(
                    Claim(kind="consumer", digest=each.digest, target=each.consumer_id)
                    for each in event.new_consumer_claims
                ),
            )
        case _:
            return ()


def stream(account_id: str) -> str:
    """Name the stream of one account."""
    return f"account-{account_id}"


ACCOUNTS: Decider[Command, Account, Event] = Decider(
    initial=Account(),
    evolve=evolve,
    decide=decide,
    events=EVENTS,
    state=Account,
    claims=claims,
)
