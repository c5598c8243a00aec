"""What compliance is told of a statement: the facts its gate takes in, in their wire form.

The union and its field names are compliance's contract; `tests/unit/contact/test_told_facts.py`
holds them against the gate's own records. Nothing personal is in here.
"""

from datetime import date, datetime
from typing import Literal

from shared.kernel.records import record, variant

Medium = Literal["call", "text", "email", "letter"]
Place = Literal["home", "work"]
Channel = Literal["call", "voicemail", "text", "email", "letter", "portal"]
Lifted = Literal["time", "place", "workplace", "attorney"]
ConsentSource = Literal["person", "court"]
Status = Literal["deceased", "minor"]


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
    """A spoken demand to stop: no cease notice, but no more telephone (1006.14(h))."""

    received_at: datetime
    account_ids: tuple[str, ...] = ()


@variant("attorney-retained")
class AttorneyRetained:
    """The consumer is represented (1006.6(b)(2))."""

    received_at: datetime
    account_ids: tuple[str, ...] = ()


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


@variant("consumer-status")
class ConsumerStatus:
    """The consumer has died, or is a minor (1006.6(a))."""

    status: Status
    learned_at: datetime


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
    | MessageConsent
)
