"""What can be asked of a profile. Each carries the clock reading, the ids and sealed words."""

from datetime import date, datetime

from services.contact.profiles.domain.events import (
    ConsentMedium,
    GivenTo,
    HeardThrough,
    PointKind,
    Procedure,
    ReleaseReason,
)
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
from shared.kernel.records import record, variant
from shared.kernel.sealed import Sealed


@record
class RecordContactPoint:
    """Take in a way to reach the consumer, for an account."""

    consumer_id: str
    contact_point_id: str
    account_id: str
    kind: PointKind
    label: str
    value: Sealed
    digest: str
    now: datetime
    zones: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    localities: tuple[str, ...] = ()
    source: str = "creditor"
    party_id: str | None = None
    obtained_on: date | None = None
    is_public_domain: bool | None = None


@record
class RecordConsent:
    """Take in a consent, given now unless said otherwise.

    `must_know_point` refuses a point that the profile does not have.
    """

    consumer_id: str
    consent_id: str
    medium: ConsentMedium
    procedure: Procedure
    now: datetime
    given_at: datetime | None = None
    given_to: GivenTo = "this_collector"
    account_ids: tuple[str, ...] = ()
    contact_point_id: str | None = None
    opt_out_ends_on: date | None = None
    confirmed_at: datetime | None = None
    expires_on: date | None = None
    party_id: str | None = None
    is_for_automated: bool = False
    notice: CreditorNotice | None = None
    confirmed_by: str | None = None
    prior_collectors: tuple[PriorCollector, ...] = ()
    must_know_point: bool = True


@record
class WithdrawConsent:
    """End a consent at the person's wish."""

    consumer_id: str
    consent_id: str
    now: datetime
    withdrawn_at: datetime | None = None


@variant("cease")
class Cease:
    """Refusal to pay, or demand that contact stop."""

    in_writing: bool
    medium: HeardThrough
    account_ids: tuple[str, ...] = ()


@variant("opt_out")
class OptOut:
    """A medium, a point, or a point in a medium not to be used; `digest` names an unknown point."""

    medium: Medium | None = None
    contact_point_id: str | None = None
    digest: str | None = None


@variant("attorney")
class Attorney:
    """An attorney represents the consumer."""

    attorney: Sealed | None = None
    account_ids: tuple[str, ...] = ()
    is_noticed_by_attorney: bool | None = None


@variant("inconvenient_time")
class InconvenientTime:
    """Times not to be reached at."""

    windows: tuple[WeeklyWindow, ...]


@variant("inconvenient_place")
class InconvenientPlace:
    """A place not to be reached at."""

    place: Place


@variant("employer_prohibits")
class EmployerProhibits:
    """No such contact at work."""


@variant("extra_calls")
class ExtraCalls:
    """Consent to calls beyond the frequencies."""

    account_ids: tuple[str, ...] = ()
    first_date: date | None = None
    last_date: date | None = None


@variant("wrong_number")
class WrongNumber:
    """A point that is not the person's."""

    contact_point_id: str


@variant("third_party_disclosure")
class ThirdPartyDisclosure:
    """A point whose messages a third party has seen."""

    contact_point_id: str


@variant("employer_address")
class EmployerAddress:
    """An e-mail address that the employer provides."""

    contact_point_id: str


@variant("prior_consent")
class PriorConsent:
    """Leave to do what the law otherwise bars; `third_parties` may be told of the debt.

    `windows` are the times that it is about, where it is about some only.
    """

    lifts: tuple[Lifted, ...]
    source: ConsentSource = "person"
    is_lawfully_given: bool = True
    until: datetime | None = None
    account_ids: tuple[str, ...] = ()
    third_parties: tuple[str, ...] = ()
    windows: tuple[WeeklyWindow, ...] = ()


@variant("consumer_status")
class ConsumerStatus:
    """The consumer has died, or is a minor."""

    status: Status


@variant("bankruptcy")
class Bankruptcy:
    """A petition and what became of it."""

    chapter: int | None = None
    filed_on: date | None = None
    ended_on: date | None = None
    discharged_on: date | None = None
    account_ids: tuple[str, ...] = ()
    stay_lifted: tuple[str, ...] = ()
    postpetition: tuple[str, ...] = ()
    reaffirmed: tuple[str, ...] = ()


@variant("military_service")
class MilitaryService:
    """A period of military service, not over while it has no end."""

    started_on: date
    ended_on: date | None = None
    notice_received_on: date | None = None


@variant("identity_theft")
class IdentityTheft:
    """A debt that came of identity theft."""

    account_id: str
    source: TheftSource
    creditor_notified_at: datetime | None = None


@variant("reporting_dispute")
class ReportingDispute:
    """A reporting agency's notice of a dispute."""

    account_id: str
    is_extended: bool = False


@variant("number_check")
class NumberCheck:
    """What the reassigned numbers database said of a number since a day."""

    contact_point_id: str
    answer: NumberAnswer
    consent_on: date


@variant("prior_conduct")
class PriorConduct:
    """What a collector did to the person, by its code; said without an instant it is just known."""

    conduct: str
    happened_at: datetime | None = None


@variant("initial_communication")
class InitialCommunication:
    """The first communication about a debt, when it was said to have been."""

    account_id: str
    is_oral: bool
    holds_validation: bool = False


@variant("debt_position")
class DebtPosition:
    """What the person said of the debt."""

    position: Position
    account_ids: tuple[str, ...] = ()


Report = (
    WrongNumber
    | ThirdPartyDisclosure
    | EmployerAddress
    | ConsumerStatus
    | Bankruptcy
    | MilitaryService
    | IdentityTheft
    | NumberCheck
    | PriorConduct
    | InitialCommunication
    | ReportingDispute
)
Said = (
    Cease
    | OptOut
    | Attorney
    | InconvenientTime
    | InconvenientPlace
    | EmployerProhibits
    | ExtraCalls
    | PriorConsent
    | DebtPosition
    | Report
)


@record
class RecordStatement:
    """Take in what the person said; without `received_at` it was said now."""

    consumer_id: str
    fact_id: str
    said: Said
    now: datetime
    received_at: datetime | None = None
    statement: Sealed | None = None


@record
class ReleaseFact:
    """End what a statement restricts, by whom and why."""

    consumer_id: str
    fact_id: str
    released_by: str
    reason: ReleaseReason
    now: datetime
    note: Sealed | None = None


@record
class ReceiveMessage:
    """Take in that the person wrote."""

    consumer_id: str
    message_id: str
    channel: Channel
    now: datetime
    contact_point_id: str | None = None
    account_ids: tuple[str, ...] = ()
    body: Sealed | None = None
    received_at: datetime | None = None
    until: datetime | None = None


@record
class ReceiveCall:
    """Take in that the person telephoned."""

    consumer_id: str
    message_id: str
    is_conversation: bool
    started_at: datetime
    ended_at: datetime
    now: datetime
    contact_point_id: str | None = None
    account_ids: tuple[str, ...] = ()


Command = (
    RecordContactPoint
    | RecordConsent
    | WithdrawConsent
    | RecordStatement
    | ReleaseFact
    | ReceiveMessage
    | ReceiveCall
)
