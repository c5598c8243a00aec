"""How accounts, holds and payments are shown. Nothing personal is in them."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel

from services.ledger.accounts.domain import Account, Payment
from services.ledger.accounts.domain.placed import AccountPlaced
from shared.http.answers import MoneyAnswer


class HoldAnswer(BaseModel):
    """A reason why work on the account stops, or stopped until it was lifted."""

    object: Literal["hold"] = "hold"
    id: str
    reason: str
    source: str
    source_id: str
    placed_at: datetime | None = None
    lifted_at: datetime | None = None

    @classmethod
    def of(cls, row: Any) -> "HoldAnswer":
        """Show a row."""
        return cls(
            id=row["hold_id"],
            reason=row["reason"],
            source=row["source"],
            source_id=row["source_id"],
            placed_at=row["placed_at"],
            lifted_at=row["lifted_at"],
        )


class AccountRow(BaseModel):
    """An account in a list."""

    object: Literal["account"] = "account"
    id: str
    creditor_id: str
    consumer_ids: list[str]
    lifecycle: str
    close_reason: str | None
    balance: MoneyAnswer

    @classmethod
    def of(cls, row: Any) -> "AccountRow":
        """Show a row."""
        return cls(
            id=row["account_id"],
            creditor_id=row["creditor_id"],
            consumer_ids=row["consumer_ids"],
            lifecycle=row["lifecycle"],
            close_reason=row["close_reason"],
            balance=MoneyAnswer(amount=row["balance"], currency=row["currency"]),
        )

    @classmethod
    def of_state(cls, account: Account) -> "AccountRow":
        """Show a folded account."""
        return cls(
            id=account.account_id,
            creditor_id=account.creditor_id,
            consumer_ids=list(account.consumer_ids),
            lifecycle=account.lifecycle,
            close_reason=account.close_reason,
            balance=MoneyAnswer.of(account.balance),
        )


class ContactPointAnswer(BaseModel):
    """A contact point, by id and kind; its value is opened only when it is used."""

    id: str
    party_id: str
    kind: str
    label: str
    zones: list[str]
    states: list[str]


class PartyAnswer(BaseModel):
    """A person on the account."""

    id: str
    consumer_id: str | None
    role: str
    relation: str | None = None


class ItemizationAnswer(BaseModel):
    """The debt on the itemization date and what came since, in minor units."""

    date: date
    type: str
    balance: int
    interest: int
    fees: int
    payments: int
    credits: int


class AccountAnswer(AccountRow):
    """An account as it stands now."""

    placement_id: str
    placed_at: datetime
    product_type: str
    original_creditor_name: str
    current_creditor_name: str
    itemization: ItemizationAnswer
    owed: dict[str, int]
    parties: list[PartyAnswer]
    contact_points: list[ContactPointAnswer]
    holds: list[HoldAnswer]

    @classmethod
    def of(cls, account: Account, placed: AccountPlaced) -> "AccountAnswer":  # type: ignore[override]
        """Show a folded account with what was said when it was placed."""
        row = AccountRow.of_state(account)
        then = placed.itemization
        return cls(
            **row.model_dump(),
            placement_id=placed.placement_id,
            placed_at=placed.at,
            product_type=placed.product_type,
            original_creditor_name=placed.original_creditor_name,
            current_creditor_name=placed.current_creditor_name,
            itemization=ItemizationAnswer(
                date=then.date,
                type=then.type,
                balance=then.balance,
                interest=then.interest,
                fees=then.fees,
                payments=then.payments,
                credits=then.credits,
            ),
            owed=account.owed,
            parties=[
                PartyAnswer(
                    id=each.party_id,
                    consumer_id=each.consumer_id,
                    role=each.role,
                    relation=each.relation,
                )
                for each in placed.parties
            ],
            contact_points=[
                ContactPointAnswer(
                    id=each.contact_point_id,
                    party_id=each.party_id,
                    kind=each.kind,
                    label=each.label,
                    zones=list(each.zones),
                    states=list(each.states),
                )
                for each in placed.contact_points
            ],
            holds=[
                HoldAnswer(
                    id=hold_id, reason=hold.reason, source=hold.source, source_id=hold.source_id
                )
                for hold_id, hold in account.open_holds.items()
            ],
        )


class PaymentAnswer(BaseModel):
    """A payment and how it was allocated."""

    object: Literal["payment"] = "payment"
    id: str
    account_id: str
    amount: MoneyAnswer
    received_by: str
    received_at: datetime
    allocation: dict[str, int]
    account_balance: MoneyAnswer
    account_lifecycle: str
    plan_id: str | None

    @classmethod
    def of(cls, account: Account, payment_id: str, payment: Payment) -> "PaymentAnswer":
        """Show a payment on its account."""
        return cls(
            id=payment_id,
            account_id=account.account_id,
            amount=MoneyAnswer.of(payment.amount),
            received_by=payment.received_by,
            received_at=payment.received_at,
            allocation=payment.allocation,
            account_balance=MoneyAnswer.of(account.balance),
            account_lifecycle=account.lifecycle,
            plan_id=payment.plan_id,
        )


class ReversalAnswer(BaseModel):
    """A payment that was undone."""

    object: Literal["payment_reversal"] = "payment_reversal"
    id: str
    payment_id: str
    account_id: str
    amount: MoneyAnswer
    account_balance: MoneyAnswer
    account_lifecycle: str

    @classmethod
    def of(cls, account: Account, payment_id: str) -> "ReversalAnswer":
        """Show a payment's reversal."""
        payment = account.payments[payment_id]
        return cls(
            id=payment.reversal_id or "",
            payment_id=payment_id,
            account_id=account.account_id,
            amount=MoneyAnswer.of(payment.amount),
            account_balance=MoneyAnswer.of(account.balance),
            account_lifecycle=account.lifecycle,
        )
