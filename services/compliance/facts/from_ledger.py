"""What gates learn from the ledger: accounts, their standing, their parties and their holds."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal

from services.compliance.facts.recording import Stated, record_fact, release_fact
from services.compliance.rules import facts
from shared.eventstore.transact import Issue
from shared.kernel.money import Money
from shared.kernel.records import event, record
from shared.messaging.feed import Envelope
from shared.messaging.subscription import Handler, reaction


@record
class Party:
    """A person on the account, without anything personal."""

    party_id: str
    role: str
    consumer_id: str | None = None
    relation: Literal["spouse", facts.Relation] | None = None


@record
class Judgment:
    """A judgment on the debt."""

    date: date


@record
class Particulars:
    """The optional fields of a placement that rules go by."""

    time_zone: str | None = None
    open_date: date | None = None
    last_payment_date: date | None = None
    last_charge_date: date | None = None
    limitation_date: date | None = None
    governing_law_state: str | None = None
    has_written_contract: bool | None = None
    judgment: Judgment | None = None


@event("forbear.ledger.account-placed.v1")
class AccountPlaced:
    """A creditor handed over one debt."""

    account_id: str
    consumer_ids: tuple[str, ...]
    parties: tuple[Party, ...]
    product_type: str
    balance: Money
    at: datetime
    account_number_digest: str = ""
    particulars: Particulars = Particulars()
    delinquency_date: date | None = None
    special_flags: tuple[str, ...] = ()


@event("forbear.ledger.account-activated.v1")
class AccountActivated:
    """Work may begin."""

    account_id: str
    consumer_ids: tuple[str, ...]


@event("forbear.ledger.hold-placed.v1")
class HoldPlaced:
    """A reason to stop work."""

    account_id: str
    consumer_ids: tuple[str, ...]
    hold_id: str
    reason: str
    at: datetime
    source: str = ""


@event("forbear.ledger.hold-lifted.v1")
class HoldLifted:
    """A hold ended."""

    account_id: str
    consumer_ids: tuple[str, ...]
    hold_id: str
    reason: str


@event("forbear.ledger.payment-recorded.v1")
class PaymentRecorded:
    """Money came in."""

    account_id: str
    consumer_ids: tuple[str, ...]
    balance: Money
    after_exit: bool = False


@event("forbear.ledger.payment-reversed.v1")
class PaymentReversed:
    """Money went back."""

    account_id: str
    consumer_ids: tuple[str, ...]
    balance: Money
    after_exit: bool = False


@event("forbear.ledger.account-recalled.v1")
class AccountRecalled:
    """The creditor took the account back."""

    account_id: str
    consumer_ids: tuple[str, ...]
    reason: str
    at: datetime


@event("forbear.ledger.account-closed.v1")
class AccountClosed:
    """Work ended."""

    account_id: str
    consumer_ids: tuple[str, ...]
    reason: str
    at: datetime


@event("forbear.ledger.account-reopened.v1")
class AccountReopened:
    """A paid account owes again."""

    account_id: str
    consumer_ids: tuple[str, ...]


STUDENT_LOAN = "student_loan"
JUDGMENT = "judgment"
TIME_BARRED = "time_barred"
WRITTEN_IF_SAID = frozenset(
    {"auto", "auto_loan", "installment_loan", "mortgage", "payday_loan", "personal_loan", "rent"}
)
"""Kinds of debt that are as written or oral as their contract; others are accounts."""

PLACEMENT = "placement"
FLAGGED = frozenset({"bankruptcy", "attorney", "fraud_review"})
"""Reasons of a hold that are facts of their own when the creditor gave them with the debt.

That somebody died is not: the flag does not say who.
"""

_ROLES = {"co_debtor", "guarantor", "attorney", "other"}


def placed(event: AccountPlaced, envelope: Envelope) -> Sequence[Issue]:
    """Make the account, its parties and what was said of the consumer's place known."""
    # 12 CFR 1006.14(b)(4): student loans under one account number when obtained are one debt.
    is_student_loan = event.product_type == STUDENT_LOAN
    known = facts.AccountKnown(
        account_id=event.account_id,
        product_type=event.product_type,
        debt_key=event.account_number_digest if is_student_loan else None,
        placed_at=event.at,
    )
    issues = _record(event, envelope, f"account-{event.account_id}", known)
    issues += _record(event, envelope, f"history-{event.account_id}", _history(event))
    issues += _standing(event, envelope, "received", owes=event.balance.amount > 0)
    for party in event.parties:
        # Who has a gate of their own is counted, and stopped, there and nowhere else.
        if party.consumer_id is None and party.role in _ROLES:
            other = _party(party, event.account_id)
            issues += _record(event, envelope, f"party-{party.party_id}", other)
    if event.particulars.time_zone:
        stated = facts.LocationEvidence(
            evidence="stated_zone", zones=(event.particulars.time_zone,)
        )
        issues += _record(event, envelope, f"zone-{event.account_id}", stated)
    return issues


def _party(party: Party, account_id: str) -> facts.PartyKnown:
    """Return who somebody is; a spouse is one only where nothing else is said of the debt."""
    is_spouse = party.relation == "spouse" and party.role == "other"
    role: Any = "spouse" if is_spouse else party.role
    relation = None if party.relation == "spouse" else party.relation
    return facts.PartyKnown(
        party_id=party.party_id, role=role, account_ids=(account_id,), relation=relation
    )


def activated(event: AccountActivated, envelope: Envelope) -> Sequence[Issue]:
    """Let work on the account begin."""
    return _standing(event, envelope, "active", owes=True)


def held(event: HoldPlaced, envelope: Envelope) -> Sequence[Issue]:
    """Stop contact on the account."""
    hold = facts.AccountHold(
        account_id=event.account_id, hold_id=event.hold_id, reason=event.reason
    )
    issues = _record(event, envelope, f"hold-{event.hold_id}", hold) + _joint(event, envelope)
    if event.source == PLACEMENT and (flagged := _flagged(event)) is not None:
        issues += _record(event, envelope, _flag_key(event), flagged)
    return issues


def released(event: HoldLifted, envelope: Envelope) -> Sequence[Issue]:
    """End a hold, and with it what it was said to be for."""
    keys = [f"hold-{event.hold_id}"]
    if event.reason in FLAGGED:
        keys.append(_flag_key(event))
    return [
        issue
        for key in keys
        for issue in release_fact(
            Stated(
                fact_key=key,
                source_stream=envelope.stream,
                source_version=envelope.version,
                consumer_ids=event.consumer_ids,
            ),
            released_by=envelope.metadata.actor,
            reason=f"the hold for {event.reason} was lifted",
        )
    ]


def _flagged(event: HoldPlaced) -> facts.Fact | None:
    """Return what the creditor's flag says of the debt itself, as long as the hold stands.

    Nothing more is known than the flag: what is not said binds the most.
    """
    match event.reason:
        case "bankruptcy":
            return facts.Bankruptcy(learned_at=event.at, account_ids=(event.account_id,))
        case "attorney":
            return facts.AttorneyRetained(received_at=event.at, account_ids=(event.account_id,))
        case "fraud_review":
            return facts.IdentityTheftReport(
                account_id=event.account_id,
                source="consumer_report",
                received_at=event.at,
                creditor_notified_at=event.at,  # it is the creditor who says so
            )
        case _:
            return None


def _flag_key(event: HoldPlaced | HoldLifted) -> str:
    return f"flag-{event.hold_id}"


def money_moved(event: PaymentRecorded | PaymentReversed, envelope: Envelope) -> Sequence[Issue]:
    """Say whether anything is still owed."""
    if event.after_exit:
        return ()
    return _standing(event, envelope, "active", owes=event.balance.amount > 0)


def recalled(event: AccountRecalled, envelope: Envelope) -> Sequence[Issue]:
    """End work: the creditor took the account back."""
    return _ended(event, envelope, "recalled")


def closed(event: AccountClosed, envelope: Envelope) -> Sequence[Issue]:
    """End work."""
    return _ended(event, envelope, "closed")


def reopened(event: AccountReopened, envelope: Envelope) -> Sequence[Issue]:
    """Let work go on."""
    return _standing(event, envelope, "active", owes=True)


def _ended(
    event: AccountRecalled | AccountClosed,
    envelope: Envelope,
    lifecycle: Literal["recalled", "closed"],
) -> list[Issue]:
    standing = facts.AccountStanding(
        account_id=event.account_id,
        lifecycle=lifecycle,
        owes=False,
        reason=event.reason,
        since=event.at,
    )
    return _record(event, envelope, f"standing-{event.account_id}", standing)


def _history(event: AccountPlaced) -> facts.DebtHistory:
    """Return how the debt came about; a period that the creditor calls over ended before today.

    Whether a card account is a written contract is argued either way, so an account whose kind
    the creditor's word does not settle has none, and the shortest period is taken.
    """
    said = event.particulars
    contract: facts.ContractKind | None = None
    if said.judgment is not None or event.product_type == JUDGMENT:
        contract = "judgment"
    elif event.product_type in WRITTEN_IF_SAID and said.has_written_contract is not None:
        contract = "written" if said.has_written_contract else "oral"
    expiries = [said.limitation_date] if said.limitation_date else []
    if TIME_BARRED in event.special_flags:
        expiries.append(event.at.date() - timedelta(days=1))
    return facts.DebtHistory(
        account_id=event.account_id,
        contract=contract,
        governing_state=said.governing_law_state,
        incurred_on=said.open_date,
        defaulted_on=event.delinquency_date,
        last_charge_on=said.last_charge_date,
        last_payment_on=said.last_payment_date,
        stated_expiry=min(expiries, default=None),
    )


def _standing(event: Any, envelope: Envelope, lifecycle: Any, *, owes: bool) -> list[Issue]:
    standing = facts.AccountStanding(account_id=event.account_id, lifecycle=lifecycle, owes=owes)
    issues = _record(event, envelope, f"standing-{event.account_id}", standing)
    return issues + _joint(event, envelope)


def _joint(event: Any, envelope: Envelope) -> list[Issue]:
    """Say who owes the account together, as its placement did; heard again it changes nothing."""
    if len(event.consumer_ids) == 1:
        return []
    placed = Stated(
        fact_key=f"joint-{event.account_id}",
        source_stream=envelope.stream,
        source_version=1,
        consumer_ids=event.consumer_ids,
    )
    joint = facts.JointDebt(account_id=event.account_id, consumer_ids=event.consumer_ids)
    return record_fact(placed, joint)


def _record(event: Any, envelope: Envelope, fact_key: str, fact: facts.Fact) -> list[Issue]:
    return record_fact(
        Stated(
            fact_key=fact_key,
            source_stream=envelope.stream,
            source_version=envelope.version,
            consumer_ids=event.consumer_ids,
        ),
        fact,
    )


HANDLERS: tuple[Handler, ...] = (
    reaction(AccountPlaced, placed),
    reaction(AccountActivated, activated),
    reaction(HoldPlaced, held),
    reaction(HoldLifted, released),
    reaction(PaymentRecorded, money_moved),
    reaction(PaymentReversed, money_moved),
    reaction(AccountRecalled, recalled),
    reaction(AccountClosed, closed),
    reaction(AccountReopened, reopened),
)
