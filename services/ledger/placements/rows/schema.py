"""The fields of a placement row, in clear text, as a creditor sends them.

Required, conditional and optional follow what US consumer placements carry in practice. What a
field must satisfy together with others stands in `relations`.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from services.ledger.placements.rows.text import (
    ImpersonalReference,
    Name,
    Note,
    Rate,
    Reference,
    Slug,
)
from shared.http.fields import (
    AmountMinor,
    CountryCode,
    CurrencyCode,
    Date,
    EmailAddress,
    LanguageCode,
    NonNegativeAmount,
    PhoneNumber,
    SsnLast4,
    StateCode,
    StrictBody,
    TimeZoneName,
)

ITEMS_MAX = 10
ADULT_AT = 18
OWING = ("consumer", "co_debtor", "guarantor")
BUCKETS = ("principal", "interest", "fees", *(f"other{number}" for number in range(3, 10)))

Flag = Literal[
    "deceased",
    "bankruptcy",
    "attorney",
    "cease",
    "dispute",
    "fraud",
    "military",
    "minor",
    "incarcerated",
]
PointSource = Literal["creditor", "consumer", "prior_collector", "skip_trace", "public_record"]
Medium = Literal[
    "contract",
    "application",
    "statements",
    "itemized_bill",
    "affidavit",
    "chain_of_title",
    "judgment",
]


class ConsentRow(StrictBody):
    """A consent the creditor says was given for a contact point."""

    procedure: Literal["consumer_used", "direct_consent", "creditor_notice", "prior_collector"]
    medium: Literal["email", "text", "call"]
    given_on: Date
    notice_sent_on: Date | None = None
    opt_out_by: Date | None = None


Consents = Annotated[list[ConsentRow], Field(max_length=ITEMS_MAX)]


class AddressRow(StrictBody):
    """A postal address; state and zip are required in the United States."""

    lines: Annotated[list[Name], Field(min_length=1, max_length=4)]
    city: Name
    country: CountryCode
    state: Name | None = None
    zip: Name | None = None
    label: Literal["home", "work", "mailing", "unknown"] = "unknown"
    source: PointSource = "creditor"
    obtained_on: Date | None = None


class PhoneRow(StrictBody):
    """A telephone number."""

    number: PhoneNumber
    label: Literal["mobile", "landline", "home", "work", "unknown"] = "unknown"
    consents: Consents = []
    source: PointSource = "creditor"
    obtained_on: Date | None = None


class EmailRow(StrictBody):
    """An e-mail address."""

    address: EmailAddress
    label: Literal["personal", "work", "unknown"] = "unknown"
    consents: Consents = []
    source: PointSource = "creditor"
    obtained_on: Date | None = None


class PartyRow(StrictBody):
    """A person on the account, named by parts, in full, or as a company.

    `relation` is what the person is to the consumer, where that is known: a spouse, the parent or
    guardian, whoever acts for the estate, a confirmed successor in interest.
    """

    role: Literal["consumer", "co_debtor", "guarantor", "attorney", "other"]
    relation: (
        Literal["spouse", "parent", "guardian", "estate_representative", "successor_in_interest"]
        | None
    ) = None
    first_name: Name | None = None
    middle_name: Name | None = None
    last_name: Name | None = None
    suffix: Name | None = None
    full_name: Name | None = None
    company: Name | None = None
    alias: Name | None = None
    date_of_birth: Date | None = None
    ssn_last4: SsnLast4 | None = None
    driver_license: Reference | None = None
    addresses: Annotated[list[AddressRow], Field(max_length=ITEMS_MAX)] = []
    phones: Annotated[list[PhoneRow], Field(max_length=ITEMS_MAX)] = []
    emails: Annotated[list[EmailRow], Field(max_length=ITEMS_MAX)] = []

    @property
    def display_name(self) -> str:
        """Return the fullest name known."""
        parts = (self.first_name, self.middle_name, self.last_name, self.suffix)
        joined = " ".join(part for part in parts if part)
        return self.company or self.full_name or joined


class ItemizationRow(StrictBody):
    """The debt on the itemization date and what came since (12 CFR 1006.34(c)(2)(vi)-(viii))."""

    date: Date
    type: Literal["last_statement", "charge_off", "last_payment", "transaction", "judgment"]
    balance: NonNegativeAmount
    interest: NonNegativeAmount
    fees: NonNegativeAmount
    payments: NonNegativeAmount
    credits: NonNegativeAmount
    creditor_name: Name | None = None


class InterestTermsRow(StrictBody):
    """Contract rates, and whether interest may still accrue."""

    rate: Rate
    accrual_allowed: bool
    post_judgment_rate: Rate | None = None


class FeeTermsRow(StrictBody):
    """What the agency earns."""

    commission_rate: Rate
    suit_fee_rate: Rate | None = None


class SettlementAuthorityRow(StrictBody):
    """How far the agency may go without asking."""

    floor_rate: Rate
    plan_months_max: Annotated[int, Field(ge=1, le=120)] | None = None


class CreditReportingRow(StrictBody):
    """Whether the debt may be furnished, and whether it was."""

    permitted: bool
    furnished_before: bool = False


class JudgmentRow(StrictBody):
    """A judgment on the debt."""

    date: Date
    amount: AmountMinor
    docket: Name
    costs: NonNegativeAmount = 0
    pre_judgment_interest: NonNegativeAmount = 0


class MedicalRow(StrictBody):
    """What medical debt needs besides."""

    service_date: Date
    insurance_status: Literal["none", "pending", "billed", "denied", "paid", "unknown"] | None = (
        None
    )


class PlacementRow(StrictBody):
    """One account as a creditor hands it over."""

    account_number: Reference
    customer_reference: ImpersonalReference
    product_type: Slug
    original_creditor_name: Name
    current_creditor_name: Name
    itemization: ItemizationRow
    principal: NonNegativeAmount
    interest: NonNegativeAmount = 0
    fees: NonNegativeAmount = 0
    other3: NonNegativeAmount = 0
    other4: NonNegativeAmount = 0
    other5: NonNegativeAmount = 0
    other6: NonNegativeAmount = 0
    other7: NonNegativeAmount = 0
    other8: NonNegativeAmount = 0
    other9: NonNegativeAmount = 0
    total_balance: AmountMinor
    currency: CurrencyCode
    delinquency_date: Date
    parties: Annotated[list[PartyRow], Field(min_length=1, max_length=ITEMS_MAX)]
    special_flags: Annotated[list[Flag], Field(max_length=ITEMS_MAX)]
    description: Note | None = None
    file_number: Reference | None = None
    agency_reference: Reference | None = None
    open_date: Date | None = None
    due_date: Date | None = None
    charge_off_date: Date | None = None
    charge_off_amount: NonNegativeAmount | None = None
    last_payment_date: Date | None = None
    last_payment_amount: NonNegativeAmount | None = None
    last_charge_date: Date | None = None
    limitation_date: Date | None = None
    recall_date: Date | None = None
    governing_law_state: StateCode | None = None
    has_written_contract: bool | None = None
    interest_terms: InterestTermsRow | None = None
    fee_terms: FeeTermsRow | None = None
    settlement_authority: SettlementAuthorityRow | None = None
    credit_reporting: CreditReportingRow | None = None
    judgment: JudgmentRow | None = None
    medical: MedicalRow | None = None
    media: Annotated[list[Medium], Field(max_length=ITEMS_MAX)] = []
    language: LanguageCode = "en"
    time_zone: TimeZoneName | None = None
    preferred_channel: Literal["call", "text", "email", "letter"] | None = None

    @property
    def buckets(self) -> dict[str, int]:
        """Return what is owed by bucket, without the empty ones."""
        return {bucket: amount for bucket in BUCKETS if (amount := getattr(self, bucket))}

    @property
    def primary(self) -> PartyRow:
        """Return the consumer whom the account is about."""
        return next(party for party in self.parties if party.role == "consumer")

    def flags(self, today: date) -> tuple[Flag | Literal["time_barred"], ...]:
        """Return the flags sent, and those that follow from dates: a minor, a debt out of time."""
        found: list[Flag | Literal["time_barred"]] = list(self.special_flags)
        births = [party.date_of_birth for party in self.parties if party.role in OWING]
        if any(born and _age(born, today) < ADULT_AT for born in births) and "minor" not in found:
            found.append("minor")
        if self.limitation_date is not None and self.limitation_date < today:
            found.append("time_barred")
        return tuple(found)


def _age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
