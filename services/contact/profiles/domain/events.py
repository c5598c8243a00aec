"""What becomes known of one consumer: ways to reach them, consents, and what they said.

Absent `party_id` means the consumer; empty `account_ids` means every account. The words themselves
are sealed: rules need only what was derived from them.
"""

from datetime import date, datetime
from typing import Literal

from services.contact.profiles.domain.told import (
    Channel,
    ConsentSource,
    CreditorNotice,
    Lifted,
    Medium,
    NumberAnswer,
    Place,
    Position,
    PriorCollector,
    Status,
    TheftSource,
    WeeklyWindow,
)
from shared.kernel.records import event
from shared.kernel.sealed import Sealed

PointKind = Literal["phone", "email", "address"]
ConsentMedium = Literal["email", "text", "call"]
Procedure = Literal["consumer_used", "direct_consent", "creditor_notice", "prior_collector"]
GivenTo = Literal["this_collector", "creditor", "prior_collector"]
HeardThrough = Literal["call", "voicemail", "text", "email", "letter", "portal", "in_person"]
ReleaseReason = Literal[
    "consumer_request",
    "recorded_in_error",
    "no_longer_represented",
    "attorney_consent",
    "attorney_unresponsive",
    "court_permission",
    "circumstances_changed",
    "superseded",
]


@event("forbear.contact.contact-point-recorded.v1")
class ContactPointRecorded:
    """A way to reach the consumer, or a party of theirs, became known; or for one more account."""

    consumer_ids: tuple[str, ...]
    contact_point_id: str
    account_ids: tuple[str, ...]
    kind: PointKind
    label: str
    value: Sealed
    digest: str
    zones: tuple[str, ...]
    states: tuple[str, ...]
    source: str
    at: datetime
    party_id: str | None = None
    obtained_on: date | None = None
    is_public_domain: bool | None = None
    localities: tuple[str, ...] = ()


@event("forbear.contact.consent-recorded.v1")
class ConsentRecorded:
    """A consent became known. For `creditor_notice`, `given_at` is when the creditor sent its
    notice and `opt_out_ends_on` the deadline it named.

    `is_for_automated`: it is prior express consent to autodialed or prerecorded calls and texts
    too. `prior_collectors` are those before this one, the immediately prior last.
    """

    consumer_ids: tuple[str, ...]
    consent_id: str
    account_ids: tuple[str, ...]
    medium: ConsentMedium
    procedure: Procedure
    given_to: GivenTo
    given_at: datetime
    at: datetime
    contact_point_id: str | None = None
    opt_out_ends_on: date | None = None
    confirmed_at: datetime | None = None
    expires_on: date | None = None
    party_id: str | None = None
    is_for_automated: bool = False
    notice: CreditorNotice | None = None
    confirmed_by: str | None = None
    prior_collectors: tuple[PriorCollector, ...] = ()


@event("forbear.contact.consent-withdrawn.v1")
class ConsentWithdrawn:
    """A consent ended because the person took it back.

    Of one to automated calls and texts it repeats the particulars, because taking it back is itself
    a fact (47 CFR 64.1200(a)(10)).
    """

    consumer_ids: tuple[str, ...]
    consent_id: str
    withdrawn_at: datetime
    at: datetime
    is_for_automated: bool = False
    given_at: datetime | None = None
    contact_point_id: str | None = None
    party_id: str | None = None
    expires_on: date | None = None
    account_ids: tuple[str, ...] = ()


@event("forbear.contact.cease-requested.v1")
class CeaseRequested:
    """The person refuses to pay or wants contact to stop; only in writing is it a cease notice."""

    consumer_ids: tuple[str, ...]
    fact_id: str
    account_ids: tuple[str, ...]
    in_writing: bool
    medium: HeardThrough
    received_at: datetime
    at: datetime
    statement: Sealed | None = None


@event("forbear.contact.opt-out-recorded.v1")
class OptOutRecorded:
    """The person wants a medium, a contact point, or that point in that medium not to be used."""

    consumer_ids: tuple[str, ...]
    fact_id: str
    scope: Literal["medium", "contact_point"]
    medium: Medium | None
    contact_point_id: str | None
    digest: str | None
    received_at: datetime
    at: datetime
    statement: Sealed | None = None


@event("forbear.contact.attorney-retained.v1")
class AttorneyRetained:
    """An attorney represents the consumer on these accounts.

    `is_noticed_by_attorney`: the attorney itself said so in writing, with name and address and the
    request to be written to; None where nobody has looked.
    """

    consumer_ids: tuple[str, ...]
    fact_id: str
    account_ids: tuple[str, ...]
    attorney: Sealed | None
    received_at: datetime
    at: datetime
    statement: Sealed | None = None
    is_noticed_by_attorney: bool | None = None


@event("forbear.contact.inconvenient-time-stated.v1")
class InconvenientTimeStated:
    """Times at which the person does not want to be reached."""

    consumer_ids: tuple[str, ...]
    fact_id: str
    windows: tuple[WeeklyWindow, ...]
    received_at: datetime
    at: datetime
    statement: Sealed | None = None


@event("forbear.contact.inconvenient-place-stated.v1")
class InconvenientPlaceStated:
    """A place at which the person does not want to be reached."""

    consumer_ids: tuple[str, ...]
    fact_id: str
    place: Place
    received_at: datetime
    at: datetime
    statement: Sealed | None = None


@event("forbear.contact.employer-prohibition-stated.v1")
class EmployerProhibitionStated:
    """The employer does not allow such contact at work."""

    consumer_ids: tuple[str, ...]
    fact_id: str
    received_at: datetime
    at: datetime
    statement: Sealed | None = None


@event("forbear.contact.extra-calls-consented.v1")
class ExtraCallsConsented:
    """The person agreed to calls beyond the frequencies, perhaps only on some dates."""

    consumer_ids: tuple[str, ...]
    fact_id: str
    account_ids: tuple[str, ...]
    first_date: date | None
    last_date: date | None
    received_at: datetime
    at: datetime
    statement: Sealed | None = None


@event("forbear.contact.wrong-number-reported.v1")
class WrongNumberReported:
    """A contact point turned out not to be the person's."""

    consumer_ids: tuple[str, ...]
    fact_id: str
    contact_point_id: str
    learned_at: datetime
    at: datetime
    statement: Sealed | None = None


@event("forbear.contact.third-party-disclosure-reported.v1")
class ThirdPartyDisclosureReported:
    """Somebody said that messages to a contact point were seen by a third party."""

    consumer_ids: tuple[str, ...]
    fact_id: str
    contact_point_id: str
    learned_at: datetime
    at: datetime
    statement: Sealed | None = None


@event("forbear.contact.employer-address-reported.v1")
class EmployerAddressReported:
    """Somebody said that an e-mail address is provided by the consumer's employer."""

    consumer_ids: tuple[str, ...]
    fact_id: str
    contact_point_id: str
    learned_at: datetime
    at: datetime
    statement: Sealed | None = None


@event("forbear.contact.prior-consent-given.v1")
class PriorConsentGiven:
    """The person agreed, or a court permitted, to be contacted where the law otherwise bars it."""

    consumer_ids: tuple[str, ...]
    fact_id: str
    lifts: tuple[Lifted, ...]
    source: ConsentSource
    is_lawfully_given: bool
    until: datetime | None
    account_ids: tuple[str, ...]
    received_at: datetime
    at: datetime
    statement: Sealed | None = None
    third_parties: tuple[str, ...] = ()
    windows: tuple[WeeklyWindow, ...] = ()


@event("forbear.contact.consumer-status-reported.v1")
class ConsumerStatusReported:
    """The consumer is said to have died, or to be a minor."""

    consumer_ids: tuple[str, ...]
    fact_id: str
    status: Status
    learned_at: datetime
    at: datetime
    statement: Sealed | None = None


@event("forbear.contact.bankruptcy-reported.v1")
class BankruptcyReported:
    """The consumer is said to be bankrupt, or to have been.

    `account_ids` are the debts in the case (none: all); the stay was lifted for some of them, some
    arose after the petition, some were reaffirmed.
    """

    consumer_ids: tuple[str, ...]
    fact_id: str
    chapter: int | None
    filed_on: date | None
    ended_on: date | None
    discharged_on: date | None
    account_ids: tuple[str, ...]
    stay_lifted: tuple[str, ...]
    postpetition: tuple[str, ...]
    reaffirmed: tuple[str, ...]
    learned_at: datetime
    at: datetime
    statement: Sealed | None = None


@event("forbear.contact.military-service-reported.v1")
class MilitaryServiceReported:
    """The consumer is said to serve, or to have served; `notice_received_on` is that of the written
    notice with the orders.
    """

    consumer_ids: tuple[str, ...]
    fact_id: str
    started_on: date
    ended_on: date | None
    notice_received_on: date | None
    learned_at: datetime
    at: datetime
    statement: Sealed | None = None


@event("forbear.contact.identity-theft-reported.v1")
class IdentityTheftReported:
    """A debt is said to have come of identity theft: by the consumer, or by an agency's block."""

    consumer_ids: tuple[str, ...]
    fact_id: str
    account_id: str
    source: TheftSource
    received_at: datetime
    at: datetime
    statement: Sealed | None = None
    creditor_notified_at: datetime | None = None


@event("forbear.contact.reporting-dispute-noticed.v1")
class ReportingDisputeNoticed:
    """A reporting agency gave notice that the consumer disputes what was furnished of a debt."""

    consumer_ids: tuple[str, ...]
    fact_id: str
    account_id: str
    is_extended: bool
    noticed_at: datetime
    at: datetime
    statement: Sealed | None = None


@event("forbear.contact.number-checked.v1")
class NumberChecked:
    """The reassigned numbers database was asked about a number, as of the day of the consent."""

    consumer_ids: tuple[str, ...]
    fact_id: str
    contact_point_id: str
    answer: NumberAnswer
    consent_on: date
    checked_at: datetime
    at: datetime
    statement: Sealed | None = None


@event("forbear.contact.debt-position-stated.v1")
class DebtPositionStated:
    """The person took a position on the debt, short of a demand to stop."""

    consumer_ids: tuple[str, ...]
    fact_id: str
    position: Position
    account_ids: tuple[str, ...]
    received_at: datetime
    at: datetime
    statement: Sealed | None = None


@event("forbear.contact.prior-conduct-reported.v1")
class PriorConductReported:
    """A collector, this one or an earlier one, treated the person in a way that bears on calls."""

    consumer_ids: tuple[str, ...]
    fact_id: str
    conduct: str
    happened_at: datetime
    at: datetime
    statement: Sealed | None = None


@event("forbear.contact.initial-communication-reported.v1")
class InitialCommunicationReported:
    """A debt was communicated about for the first time, here or before it came here.

    `holds_validation`: the communication itself gave the validation information.
    """

    consumer_ids: tuple[str, ...]
    fact_id: str
    account_id: str
    is_oral: bool
    holds_validation: bool
    happened_at: datetime
    at: datetime
    statement: Sealed | None = None


@event("forbear.contact.protective-fact-released.v1")
class ProtectiveFactReleased:
    """A statement binds no more: by whom it was ended, and why. `digest` is the address's, if the
    statement opted an address out.
    """

    consumer_ids: tuple[str, ...]
    fact_id: str
    released_by: str
    reason: ReleaseReason
    at: datetime
    digest: str | None = None
    note: Sealed | None = None


@event("forbear.contact.inbound-message-received.v1")
class InboundMessageReceived:
    """The person wrote. It may be answered once, through the same medium."""

    consumer_ids: tuple[str, ...]
    message_id: str
    channel: Channel
    contact_point_id: str | None
    account_ids: tuple[str, ...]
    body: Sealed | None
    received_at: datetime
    at: datetime
    until: datetime | None = None
    party_id: str | None = None


@event("forbear.contact.inbound-call-received.v1")
class InboundCallReceived:
    """The person telephoned. A conversation starts the seven days, whoever called."""

    consumer_ids: tuple[str, ...]
    message_id: str
    contact_point_id: str | None
    account_ids: tuple[str, ...]
    is_conversation: bool
    started_at: datetime
    ended_at: datetime
    at: datetime
    party_id: str | None = None


Report = (
    WrongNumberReported
    | ThirdPartyDisclosureReported
    | EmployerAddressReported
    | ConsumerStatusReported
    | BankruptcyReported
    | MilitaryServiceReported
    | IdentityTheftReported
    | NumberChecked
    | PriorConductReported
    | InitialCommunicationReported
    | ReportingDisputeNoticed
)
"""What anybody may have said, of an address or of the consumer."""

Statement = (
    CeaseRequested
    | OptOutRecorded
    | AttorneyRetained
    | InconvenientTimeStated
    | InconvenientPlaceStated
    | EmployerProhibitionStated
    | ExtraCallsConsented
    | PriorConsentGiven
    | DebtPositionStated
    | Report
)
Event = (
    ContactPointRecorded
    | ConsentRecorded
    | ConsentWithdrawn
    | Statement
    | ProtectiveFactReleased
    | InboundMessageReceived
    | InboundCallReceived
)
EVENTS: tuple[type, ...] = (
    ContactPointRecorded,
    ConsentRecorded,
    ConsentWithdrawn,
    CeaseRequested,
    OptOutRecorded,
    AttorneyRetained,
    InconvenientTimeStated,
    InconvenientPlaceStated,
    EmployerProhibitionStated,
    ExtraCallsConsented,
    WrongNumberReported,
    ThirdPartyDisclosureReported,
    EmployerAddressReported,
    PriorConsentGiven,
    ConsumerStatusReported,
    BankruptcyReported,
    MilitaryServiceReported,
    IdentityTheftReported,
    NumberChecked,
    PriorConductReported,
    InitialCommunicationReported,
    ReportingDisputeNoticed,
    DebtPositionStated,
    ProtectiveFactReleased,
    InboundMessageReceived,
    InboundCallReceived,
)
