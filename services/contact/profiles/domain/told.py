"""What compliance is told of a statement: the facts its gate takes in, in their wire form.

The union and its field names are compliance's contract; `tests/unit/contact/test_told_facts.py`
holds them against the gate's own records. Nothing personal is in here.
"""

from datetime import date, datetime
from typing import Literal

from shared.kernel.records import record, variant

Medium = Literal["call", "text", "email", "letter", "in_person", "social"]
Place = Literal["home", "work"]
Channel = Literal["call", "voicemail", "text", "email", "letter", "portal"]
Lifted = Literal["time", "place", "workplace", "attorney"]
ConsentSource = Literal["person", "court"]
Status = Literal["deceased", "minor"]
TheftSource = Literal["agency_block", "consumer_report"]
Position = Literal["does_not_wish_contact", "refuses_to_pay", "does_not_owe", "was_answered"]
NumberAnswer = Literal["yes", "no", "no_data"]


@record
class WeeklyWindow:
    """Part of a week, in minutes of the local day, half-open. Weekday 0 is Monday; none is all."""

    weekdays: tuple[int, ...] = ()
    from_minute: int = 0
    until_minute: int = 1440
    first_date: date | None = None
    last_date: date | None = None
    zone: str | None = None


@variant("cease-notice")
class CeaseNotice:
    """A written refusal to pay or demand to stop (12 CFR 1006.6(c))."""

    received_at: datetime
    account_ids: tuple[str, ...] = ()
    medium: str = "letter"


@variant("oral-stop")
class OralStop:
    """A spoken demand to stop: no cease notice, but no more calls and visits (1006.14(h))."""

    received_at: datetime
    account_ids: tuple[str, ...] = ()


@variant("attorney-retained")
class AttorneyRetained:
    """The consumer is represented (1006.6(b)(2))."""

    received_at: datetime
    account_ids: tuple[str, ...] = ()
    is_noticed_by_attorney: bool | None = None


@variant("employer-prohibition")
class EmployerProhibition:
    """The employer does not allow such contact at work (1006.6(b)(3))."""

    received_at: datetime


@variant("inconvenient-place")
class InconvenientPlace:
    """A place at which contact is inconvenient (1006.6(b)(1)(ii))."""

    place: Place
    received_at: datetime


@variant("inconvenient-time")
class InconvenientTime:
    """Times known to be inconvenient (1006.6(b)(1)(i))."""

    windows: tuple[WeeklyWindow, ...]
    received_at: datetime


@variant("opt-out")
class OptOut:
    """A request not to use a medium, a contact point, or that point through that medium."""

    received_at: datetime
    medium: Medium | None = None
    contact_point_id: str | None = None
    digest: str | None = None


@variant("extra-calls-consent")
class ExtraCallsConsent:
    """Direct prior consent to calls beyond the frequencies (1006.14(b)(3)(i))."""

    received_at: datetime
    account_ids: tuple[str, ...] = ()
    first_date: date | None = None
    last_date: date | None = None


@variant("wrong-number")
class WrongNumber:
    """The contact point turned out not to be the person's."""

    contact_point_id: str
    learned_at: datetime


@variant("third-party-disclosure")
class ThirdPartyDisclosure:
    """Messages to the address or number were seen by a third party (1006.6(d)(3)(ii))."""

    contact_point_id: str
    learned_at: datetime


@variant("employer-address")
class EmployerAddress:
    """An e-mail address is provided by the consumer's employer (1006.22(f)(3))."""

    contact_point_id: str
    learned_at: datetime


@variant("prior-consent")
class PriorConsent:
    """Direct prior consent, or a court's permission, to what is otherwise barred (1006.6(b)(4))."""

    received_at: datetime
    lifts: tuple[Lifted, ...]
    source: ConsentSource = "person"
    is_lawfully_given: bool = True
    until: datetime | None = None
    account_ids: tuple[str, ...] = ()
    third_parties: tuple[str, ...] = ()
    windows: tuple[WeeklyWindow, ...] = ()


@variant("consumer-status")
class ConsumerStatus:
    """The consumer has died, or is a minor (1006.6(a))."""

    status: Status
    learned_at: datetime


@variant("bankruptcy")
class Bankruptcy:
    """A petition and what became of it (11 USC 362, 524, 1301)."""

    learned_at: datetime
    chapter: int | None = None
    filed_on: date | None = None
    ended_on: date | None = None
    discharged_on: date | None = None
    account_ids: tuple[str, ...] = ()
    stay_lifted: tuple[str, ...] = ()
    postpetition: tuple[str, ...] = ()
    reaffirmed: tuple[str, ...] = ()


@variant("military-service")
class MilitaryService:
    """A period of military service (50 USC 3931, 3936, 3937)."""

    started_on: date
    ended_on: date | None = None
    notice_received_on: date | None = None


@variant("identity-theft-report")
class IdentityTheftReport:
    """Notice that a debt came of identity theft (15 USC 1681s-2(a)(6), 1681m(f)-(g))."""

    account_id: str
    source: TheftSource
    received_at: datetime
    creditor_notified_at: datetime | None = None


@variant("reporting-dispute")
class ReportingDispute:
    """A reporting agency's notice of a dispute of what was furnished (15 USC 1681s-2(b))."""

    account_id: str
    noticed_at: datetime
    is_extended: bool = False


@variant("reassignment-check")
class ReassignmentCheck:
    """What the reassigned numbers database said of a number (47 CFR 64.1200(m))."""

    contact_point_id: str
    checked_at: datetime
    answer: NumberAnswer
    consent_on: date


@variant("person-statement")
class PersonStatement:
    """What the person said of the debt, short of a demand to stop (comment 14(b)(2)(i)-2.iii)."""

    statement: Position
    received_at: datetime
    account_ids: tuple[str, ...] = ()


@variant("prior-conduct")
class PriorConduct:
    """What a collector did to the person before, by its code (comment 14(b)(2)(i)-2.iv)."""

    conduct: str
    at: datetime


@variant("initial-communication")
class InitialCommunication:
    """The first communication about a debt: the validation notice is due (12 CFR 1006.34(a))."""

    account_id: str
    at: datetime
    is_oral: bool = False
    holds_validation: bool = False


@variant("automated-consent")
class AutomatedConsent:
    """Prior express consent to autodialed or prerecorded calls and texts (47 CFR 64.1200(a)(1))."""

    given_at: datetime
    contact_point_id: str | None = None
    withdrawn_at: datetime | None = None
    party_id: str | None = None
    expires_on: date | None = None
    account_ids: tuple[str, ...] = ()


@record
class CreditorNotice:
    """What is known of a creditor's notice (1006.6(d)(4)(ii)). None: nobody has said otherwise."""

    medium: Literal["paper", "electronic"] | None = None
    is_clear: bool | None = None
    is_obtained_from_consumer: bool | None = None
    is_used_about_account: bool | None = None
    is_sent_to_used_address: bool | None = None
    names_collector: bool | None = None
    names_address: bool | None = None
    says_others_may_see: bool | None = None
    explains_opt_out: bool | None = None
    names_deadline: bool | None = None
    opt_out_methods: tuple[str, ...] = ()
    is_opted_out: bool = False
    used_for: tuple[str, ...] = ()
    is_reply_to_one: bool | None = None


@record
class PriorCollector:
    """What a collector before this one did with an address (1006.6(d)(4)(iii))."""

    obtained_properly: bool = False
    used: bool = False
    opted_out: bool = False
    is_return: bool = False


@variant("message-consent")
class MessageConsent:
    """A way in which an address or number became usable for messages (1006.6(d)(4)-(5))."""

    medium: Literal["email", "text"]
    procedure: Literal["consumer_used", "direct_consent", "creditor_notice", "prior_collector"]
    given_at: datetime
    contact_point_id: str | None = None
    given_to: Literal["this_collector", "creditor", "prior_collector"] = "this_collector"
    opt_out_ends_on: date | None = None
    confirmed_at: datetime | None = None
    expires_on: date | None = None
    withdrawn_at: datetime | None = None
    party_id: str | None = None
    notice: CreditorNotice | None = None
    prior_collectors: tuple[PriorCollector, ...] = ()
    confirmed_by: str | None = None


Fact = (
    CeaseNotice
    | OralStop
    | AttorneyRetained
    | EmployerProhibition
    | InconvenientPlace
    | InconvenientTime
    | OptOut
    | ExtraCallsConsent
    | WrongNumber
    | ThirdPartyDisclosure
    | EmployerAddress
    | PriorConsent
    | ConsumerStatus
    | Bankruptcy
    | MilitaryService
    | IdentityTheftReport
    | ReassignmentCheck
    | PersonStatement
    | PriorConduct
    | InitialCommunication
    | ReportingDispute
    | MessageConsent
    | AutomatedConsent
)
