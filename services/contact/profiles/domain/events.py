"""What becomes known of one consumer: ways to reach them, consents, and what they said.

Absent `party_id` means the consumer; empty `account_ids` means every account. The words themselves
are sealed: rules need only what was derived from them.
"""

from datetime import date, datetime
from typing import Literal

from services.contact.profiles.domain.told import (
    Channel,
    ConsentSource,
    Lifted,
    Medium,
    Place,
    Status,
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


@event("forbear.contact.consent-withdrawn.v1")
class ConsentWithdrawn:
    """A consent ended because the person took it back."""

    consumer_ids: tuple[str, ...]
    consent_id: str
    withdrawn_at: datetime
    at: datetime


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
    """An attorney represents the consumer on these accounts."""

    consumer_ids: tuple[str, ...]
    fact_id: str
    account_ids: tuple[str, ...]
    attorney: Sealed | None
    received_at: datetime
    at: datetime
    statement: Sealed | None = None


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


@event("forbear.contact.consumer-status-reported.v1")
class ConsumerStatusReported:
    """The consumer is said to have died, or to be a minor."""

    consumer_ids: tuple[str, ...]
    fact_id: str
    status: Status
    learned_at: datetime
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
    ProtectiveFactReleased,
    InboundMessageReceived,
    InboundCallReceived,
)
