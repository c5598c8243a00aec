"""What a creditor said about an account when placing it, with every personal value sealed.

Zones, states and kinds are derived before sealing and stand in clear, because rules need them.
"""

from datetime import date, datetime
from typing import Literal

from shared.kernel.money import Money
from shared.kernel.records import event, record
from shared.kernel.sealed import Sealed

PartyRole = Literal["consumer", "co_debtor", "guarantor", "attorney", "other"]
PartyRelation = Literal[
    "spouse", "parent", "guardian", "estate_representative", "successor_in_interest"
]
ItemizationType = Literal["last_statement", "charge_off", "last_payment", "transaction", "judgment"]
PointKind = Literal["phone", "email", "address"]
ConsentMedium = Literal["email", "text", "call"]
ConsentProcedure = Literal["consumer_used", "direct_consent", "creditor_notice", "prior_collector"]
SpecialFlag = Literal[
    "deceased",
    "bankruptcy",
    "attorney",
    "cease",
    "dispute",
    "fraud",
    "military",
    "minor",
    "incarcerated",
    "time_barred",
]


@record
class Party:
    """A person on the account; only a natural person said to owe has a consumer id.

    `relation` to the consumer is what may make somebody count as the consumer (1006.6(a)).
    """

    party_id: str
    consumer_id: str | None
    role: PartyRole
    name: Sealed
    alias: Sealed | None = None
    date_of_birth: Sealed | None = None
    ssn_last4: Sealed | None = None
    driver_license: Sealed | None = None
    relation: PartyRelation | None = None


@record
class PlacedConsent:
    """A consent the creditor says was given; `opt_out_by` is the deadline its notice named."""

    procedure: ConsentProcedure
    medium: ConsentMedium
    given_on: date
    notice_sent_on: date | None = None
    opt_out_by: date | None = None


@record
class PlacedContactPoint:
    """A way to reach a party. No zones means unknown, and unknown means no contact by the clock.

    `is_public_domain`: the e-mail domain is open to the general public (1006.6(d)(4)(ii)(E)).
    """

    contact_point_id: str
    party_id: str
    consumer_id: str | None
    kind: PointKind
    label: str
    value: Sealed
    digest: str
    zones: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    localities: tuple[str, ...] = ()
    consents: tuple[PlacedConsent, ...] = ()
    source: str = "creditor"
    obtained_on: date | None = None
    is_public_domain: bool | None = None


@record
class Itemization:
    """The debt on the itemization date and what came since, in minor units (12 CFR 1006.34(b)(3)).

    `balance + interest + fees - payments - credits` is the balance placed.
    """

    date: date
    type: ItemizationType
    balance: int
    interest: int
    fees: int
    payments: int
    credits: int
    creditor_name: str | None = None


@record
class InterestTerms:
    """Contract rates as decimal strings, and whether interest may still accrue."""

    rate: str
    accrual_allowed: bool
    post_judgment_rate: str | None = None


@record
class FeeTerms:
    """What the agency earns, as decimal strings (0.25 is a quarter)."""

    commission_rate: str
    suit_fee_rate: str | None = None


@record
class SettlementAuthority:
    """How far the agency may go without asking the creditor."""

    floor_rate: str
    plan_months_max: int | None = None


@record
class CreditReporting:
    """Whether the debt may be furnished, and whether it was before."""

    permitted: bool
    furnished_before: bool = False


@record
class Judgment:
    """A judgment on the debt; the docket names a person in public records, so it is sealed."""

    date: date
    amount: int
    docket: Sealed
    costs: int = 0
    pre_judgment_interest: int = 0


@record
class Medical:
    """What medical debt needs besides."""

    service_date: date
    insurance_status: str | None = None


@record
class Particulars:
    """The optional fields of a placement row; amounts in minor units of the balance's currency."""

    description: Sealed | None = None
    file_number: Sealed | None = None
    agency_reference: Sealed | None = None
    open_date: date | None = None
    due_date: date | None = None
    charge_off_date: date | None = None
    charge_off_amount: int | None = None
    last_payment_date: date | None = None
    last_payment_amount: int | None = None
    last_charge_date: date | None = None
    limitation_date: date | None = None
    recall_date: date | None = None
    governing_law_state: str | None = None
    has_written_contract: bool | None = None
    interest_terms: InterestTerms | None = None
    fee_terms: FeeTerms | None = None
    settlement_authority: SettlementAuthority | None = None
    credit_reporting: CreditReporting | None = None
    judgment: Judgment | None = None
    medical: Medical | None = None
    media: tuple[str, ...] = ()
    time_zone: str | None = None
    preferred_channel: str | None = None


@record
class ConsumerClaim:
    """A consumer first seen here: the digest of creditor and customer reference, and the id."""

    digest: str
    consumer_id: str


@event("forbear.ledger.account-placed.v1")
class AccountPlaced:
    """A creditor handed over one debt; `consumer_ids` has the primary consumer first."""

    account_id: str
    creditor_id: str
    placement_id: str
    consumer_ids: tuple[str, ...]
    parties: tuple[Party, ...]
    product_type: str
    original_creditor_name: str
    current_creditor_name: str
    account_number: Sealed
    account_number_digest: str
    customer_reference: Sealed
    itemization: Itemization
    buckets: dict[str, int]
    balance: Money
    delinquency_date: date
    at: datetime
    contact_points: tuple[PlacedContactPoint, ...] = ()
    special_flags: tuple[SpecialFlag, ...] = ()
    language: str = "en"
    particulars: Particulars = Particulars()
    row_digest: str = ""
    new_consumer_claims: tuple[ConsumerClaim, ...] = ()

    @property
    def zones(self) -> tuple[str, ...]:
        """Return where the people on the account may be, by their contact points."""
        return tuple(sorted({zone for point in self.contact_points for zone in point.zones}))
