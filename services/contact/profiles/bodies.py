"""What callers say about a consumer, and how it is turned into what the profile takes in."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from services.contact.profiles.domain import commands, told
from services.contact.profiles.domain.events import HeardThrough, ReleaseReason
from shared.http.fields import (
    Date,
    FreeText,
    Instant,
    StrictBody,
    TimeOfDay,
    TimeZoneName,
    TypeId,
)
from shared.kernel.sealed import Sealed

ACCOUNTS_MAX = 20
WINDOWS_MAX = 30
LIFTS_MAX = 4
THIRD_PARTIES_MAX = 20
COLLECTORS_MAX = 20
METHODS_MAX = 10
TEXT_CHARACTERS_MAX = 10_000
DAY_MINUTES = 1440

AccountIds = Annotated[list[Annotated[str, TypeId("acct")]], Field(max_length=ACCOUNTS_MAX)]
PointId = Annotated[str, TypeId("cp")]
PartyId = Annotated[str, TypeId("pty")]
ConsumerId = Annotated[str, TypeId("cns")]
Code = Annotated[str, Field(max_length=100, pattern=r"^[a-z][a-z0-9_]*$")]
Words = Annotated[str, FreeText(TEXT_CHARACTERS_MAX, may_hold_card_numbers=True)]


class _Said(StrictBody):
    received_at: Instant | None = None
    text: Words | None = None


class CeaseBody(_Said):
    """Refusal to pay, or demand that contact stop. Without accounts it is about all of them."""

    kind: Literal["cease"]
    in_writing: bool
    medium: HeardThrough
    account_ids: AccountIds = []

    def said(self, sealed: Sealed | None) -> commands.Said:
        """Return what the profile takes in."""
        return commands.Cease(
            in_writing=self.in_writing,
            medium=self.medium,
            account_ids=tuple(self.account_ids),
        )


class OptOutBody(_Said):
    """A medium not to be used, or a contact point, or that point in that medium."""

    kind: Literal["opt_out"]
    medium: told.Medium | None = None
    contact_point_id: PointId | None = None

    def said(self, sealed: Sealed | None) -> commands.Said:
        """Return what the profile takes in."""
        return commands.OptOut(medium=self.medium, contact_point_id=self.contact_point_id)


class AttorneyBody(_Said):
    """An attorney represents the consumer; `attorney` is name and address as far as known.

    `is_noticed_by_attorney`: the attorney itself said so in writing, with name and address and the
    request to be written to. Leave it out where nobody has looked.
    """

    kind: Literal["attorney"]
    account_ids: AccountIds = []
    attorney: Annotated[str, FreeText(1000)] | None = None
    is_noticed_by_attorney: bool | None = None

    def said(self, sealed: Sealed | None) -> commands.Said:
        """Return what the profile takes in."""
        return commands.Attorney(
            attorney=sealed,
            account_ids=tuple(self.account_ids),
            is_noticed_by_attorney=self.is_noticed_by_attorney,
        )


class WindowBody(StrictBody):
    """Part of a week in local time. Weekday 0 is Monday; none means every day.

    An end at or before the start is on the next day; no start or end is midnight.
    """

    weekdays: Annotated[list[Annotated[int, Field(ge=0, le=6)]], Field(max_length=7)] = []
    from_time: TimeOfDay | None = None
    until_time: TimeOfDay | None = None
    first_date: Date | None = None
    last_date: Date | None = None
    zone: TimeZoneName | None = None

    def windows(self) -> tuple[told.WeeklyWindow, ...]:
        """Return the window, cut in two where it passes midnight."""
        start = _minute(self.from_time) if self.from_time else 0
        end = _minute(self.until_time) if self.until_time else DAY_MINUTES
        end = end or DAY_MINUTES
        if start < end:
            return (self._window(start, end, 0),)
        return (self._window(start, DAY_MINUTES, 0), self._window(0, end, 1))

    def _window(self, start: int, end: int, days_later: int) -> told.WeeklyWindow:
        later = timedelta(days=days_later)
        return told.WeeklyWindow(
            weekdays=tuple(sorted({(day + days_later) % 7 for day in self.weekdays})),
            from_minute=start,
            until_minute=end,
            first_date=self.first_date and self.first_date + later,
            last_date=self.last_date and self.last_date + later,
            zone=self.zone,
        )


class InconvenientTimeBody(_Said):
    """Times not to be reached at."""

    kind: Literal["inconvenient_time"]
    windows: Annotated[list[WindowBody], Field(min_length=1, max_length=WINDOWS_MAX)]

    def said(self, sealed: Sealed | None) -> commands.Said:
        """Return what the profile takes in."""
        windows = tuple(part for each in self.windows for part in each.windows())
        return commands.InconvenientTime(windows=windows)


class InconvenientPlaceBody(_Said):
    """A place not to be reached at."""

    kind: Literal["inconvenient_place"]
    place: told.Place

    def said(self, sealed: Sealed | None) -> commands.Said:
        """Return what the profile takes in."""
        return commands.InconvenientPlace(place=self.place)


class EmployerProhibitsBody(_Said):
    """The employer does not allow such contact at work."""

    kind: Literal["employer_prohibits"]

    def said(self, sealed: Sealed | None) -> commands.Said:
        """Return what the profile takes in."""
        return commands.EmployerProhibits()


class ExtraCallsBody(_Said):
    """Consent, given directly, to calls beyond the frequencies."""

    kind: Literal["extra_calls"]
    account_ids: AccountIds = []
    first_date: Date | None = None
    last_date: Date | None = None

    def said(self, sealed: Sealed | None) -> commands.Said:
        """Return what the profile takes in."""
        return commands.ExtraCalls(
            account_ids=tuple(self.account_ids),
            first_date=self.first_date,
            last_date=self.last_date,
        )


class WrongNumberBody(_Said):
    """A contact point that is not the person's."""

    kind: Literal["wrong_number"]
    contact_point_id: PointId

    def said(self, sealed: Sealed | None) -> commands.Said:
        """Return what the profile takes in."""
        return commands.WrongNumber(contact_point_id=self.contact_point_id)


class ThirdPartyDisclosureBody(_Said):
    """A contact point whose messages a third party has seen, as anyone said."""

    kind: Literal["third_party_disclosure"]
    contact_point_id: PointId

    def said(self, sealed: Sealed | None) -> commands.Said:
        """Return what the profile takes in."""
        return commands.ThirdPartyDisclosure(contact_point_id=self.contact_point_id)


class EmployerAddressBody(_Said):
    """An e-mail address that the employer provides, as anyone said."""

    kind: Literal["employer_address"]
    contact_point_id: PointId

    def said(self, sealed: Sealed | None) -> commands.Said:
        """Return what the profile takes in."""
        return commands.EmployerAddress(contact_point_id=self.contact_point_id)


class PriorConsentBody(_Said):
    """Consent given to this agency itself, or a court's permission, to what is otherwise barred.

    `is_lawfully_given`: not in a conversation that was itself at an inconvenient time or place.
    `third_parties` may be told of the debt; then nothing else need be lifted. `windows` are times
    at which the person has said to be reached, given with `lifts` as `["time"]`: contact within
    them is welcome, whatever hours are assumed otherwise, and nothing changes outside them.
    """

    kind: Literal["prior_consent"]
    lifts: Annotated[list[told.Lifted], Field(max_length=LIFTS_MAX)] = []
    third_parties: Annotated[list[PartyId], Field(max_length=THIRD_PARTIES_MAX)] = []
    source: told.ConsentSource = "person"
    is_lawfully_given: bool = True
    until: Instant | None = None
    account_ids: AccountIds = []
    windows: Annotated[list[WindowBody], Field(max_length=WINDOWS_MAX)] = []

    def said(self, sealed: Sealed | None) -> commands.Said:
        """Return what the profile takes in."""
        return commands.PriorConsent(
            lifts=tuple(self.lifts),
            source=self.source,
            is_lawfully_given=self.is_lawfully_given,
            until=self.until,
            account_ids=tuple(self.account_ids),
            third_parties=tuple(self.third_parties),
            windows=tuple(part for each in self.windows for part in each.windows()),
        )


class ConsumerStatusBody(_Said):
    """The consumer has died, or is a minor."""

    kind: Literal["consumer_status"]
    status: told.Status

    def said(self, sealed: Sealed | None) -> commands.Said:
        """Return what the profile takes in."""
        return commands.ConsumerStatus(status=self.status)


class BankruptcyBody(_Said):
    """A bankruptcy as far as it is known; an unknown chapter or filing date binds the most.

    Without accounts it is about all of them, those placed later included; who owes one of them too
    is protected as far as the chapter does. Of those in the case, the stay was lifted for some,
    some arose after the petition, some were reaffirmed. What became known later is a statement of
    its own; release this one as `superseded`.
    """

    kind: Literal["bankruptcy"]
    chapter: Literal[7, 11, 12, 13] | None = None
    filed_on: Date | None = None
    ended_on: Date | None = None
    discharged_on: Date | None = None
    account_ids: AccountIds = []
    stay_lifted: AccountIds = []
    postpetition: AccountIds = []
    reaffirmed: AccountIds = []

    def said(self, sealed: Sealed | None) -> commands.Said:
        """Return what the profile takes in."""
        return commands.Bankruptcy(
            chapter=self.chapter,
            filed_on=self.filed_on,
            ended_on=self.ended_on,
            discharged_on=self.discharged_on,
            account_ids=tuple(self.account_ids),
            stay_lifted=tuple(self.stay_lifted),
            postpetition=tuple(self.postpetition),
            reaffirmed=tuple(self.reaffirmed),
        )


class MilitaryServiceBody(_Said):
    """A period of military service; `notice_received_on` is the day of the written notice and
    orders (50 USC 3937(b)).
    """

    kind: Literal["military_service"]
    started_on: Date
    ended_on: Date | None = None
    notice_received_on: Date | None = None

    def said(self, sealed: Sealed | None) -> commands.Said:
        """Return what the profile takes in."""
        return commands.MilitaryService(
            started_on=self.started_on,
            ended_on=self.ended_on,
            notice_received_on=self.notice_received_on,
        )


class IdentityTheftBody(_Said):
    """A debt that came of identity theft, by the consumer's report or a reporting agency's block.

    Once the debt is found to be the consumer's after all, release the statement.
    """

    kind: Literal["identity_theft"]
    account_id: Annotated[str, TypeId("acct")]
    source: told.TheftSource
    creditor_notified_at: Instant | None = None

    def said(self, sealed: Sealed | None) -> commands.Said:
        """Return what the profile takes in."""
        return commands.IdentityTheft(
            account_id=self.account_id,
            source=self.source,
            creditor_notified_at=self.creditor_notified_at,
        )


class ReportingDisputeBody(_Said):
    """A reporting agency's notice, of `received_at`, that the consumer disputes what was furnished.

    `is_extended`: the consumer sent more meanwhile. Release it once the results were reported.
    """

    kind: Literal["reporting_dispute"]
    account_id: Annotated[str, TypeId("acct")]
    is_extended: bool = False

    def said(self, sealed: Sealed | None) -> commands.Said:
        """Return what the profile takes in."""
        return commands.ReportingDispute(account_id=self.account_id, is_extended=self.is_extended)


class NumberCheckBody(_Said):
    """What the reassigned numbers database said of a number: reassigned since `consent_on`, or not.

    `received_at` is when it was asked.
    """

    kind: Literal["number_check"]
    contact_point_id: PointId
    answer: told.NumberAnswer
    consent_on: Date

    def said(self, sealed: Sealed | None) -> commands.Said:
        """Return what the profile takes in."""
        return commands.NumberCheck(
            contact_point_id=self.contact_point_id,
            answer=self.answer,
            consent_on=self.consent_on,
        )


class PriorConductBody(_Said):
    """What a collector, this one or an earlier one, did to the person before, by your code for it:
    `threat_of_violence`, `profane_language` or the like.
    """

    kind: Literal["prior_conduct"]
    conduct: Code
    happened_at: Instant | None = None

    def said(self, sealed: Sealed | None) -> commands.Said:
        """Return what the profile takes in."""
        return commands.PriorConduct(conduct=self.conduct, happened_at=self.happened_at)


class InitialCommunicationBody(_Said):
    """The first communication about a debt, at `received_at`: from there on its validation notice
    is due within five days, and nothing else goes out once it is late.
    """

    kind: Literal["initial_communication"]
    account_id: Annotated[str, TypeId("acct")]
    is_oral: bool
    holds_validation: bool = False

    def said(self, sealed: Sealed | None) -> commands.Said:
        """Return what the profile takes in."""
        return commands.InitialCommunication(
            account_id=self.account_id,
            is_oral=self.is_oral,
            holds_validation=self.holds_validation,
        )


class DebtPositionBody(_Said):
    """What the person said of the debt in a call, short of a demand to stop or a dispute."""

    kind: Literal["debt_position"]
    position: told.Position
    account_ids: AccountIds = []

    def said(self, sealed: Sealed | None) -> commands.Said:
        """Return what the profile takes in."""
        return commands.DebtPosition(position=self.position, account_ids=tuple(self.account_ids))


StatementBody = Annotated[
    CeaseBody
    | OptOutBody
    | AttorneyBody
    | InconvenientTimeBody
    | InconvenientPlaceBody
    | EmployerProhibitsBody
    | ExtraCallsBody
    | WrongNumberBody
    | ThirdPartyDisclosureBody
    | EmployerAddressBody
    | PriorConsentBody
    | ConsumerStatusBody
    | BankruptcyBody
    | MilitaryServiceBody
    | IdentityTheftBody
    | NumberCheckBody
    | PriorConductBody
    | InitialCommunicationBody
    | ReportingDisputeBody
    | DebtPositionBody,
    Field(discriminator="kind"),
]


class ReleaseBody(StrictBody):
    """Why a statement binds no more; `note` is kept sealed."""

    consumer_id: ConsumerId
    reason: ReleaseReason
    note: Annotated[str, FreeText(2000)] | None = None


class InboundMessageBody(StrictBody):
    """What the person wrote. A written demand to stop, or refusal to pay, is for you to name.

    `until` ends a portal session.
    """

    consumer_id: ConsumerId
    channel: Literal["text", "email", "letter", "portal"]
    contact_point_id: PointId | None = None
    text: Words
    received_at: Instant | None = None
    account_ids: AccountIds = []
    demand: Literal["stop_contact", "refuses_to_pay"] | None = None
    until: Instant | None = None


class InboundCallBody(StrictBody):
    """The person telephoned; a conversation counts as one, whoever called."""

    consumer_id: ConsumerId
    is_conversation: bool
    started_at: Instant
    ended_at: Instant
    contact_point_id: PointId | None = None
    account_ids: AccountIds = []


class CreditorNoticeBody(StrictBody):
    """What is known of the creditor's notice; what nobody has looked at is left out."""

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
    opt_out_methods: Annotated[list[Code], Field(max_length=METHODS_MAX)] = []
    is_opted_out: bool = False
    used_for: Annotated[list[Code], Field(max_length=METHODS_MAX)] = []
    is_reply_to_one: bool | None = None

    def notice(self) -> told.CreditorNotice:
        """Return it as the profile takes it in."""
        said = self.model_dump(exclude={"opt_out_methods", "used_for"})
        return told.CreditorNotice(
            opt_out_methods=tuple(self.opt_out_methods), used_for=tuple(self.used_for), **said
        )


class PriorCollectorBody(StrictBody):
    """What a collector before this one did with the address.

    `is_return` stands for no collector: the debt was back with the creditor in between.
    """

    obtained_properly: bool = False
    used: bool = False
    opted_out: bool = False
    is_return: bool = False


class ConsentBody(StrictBody):
    """A consent the person gave to this agency, or that the creditor passed on.

    `is_for_automated`: it is prior express consent to autodialed or prerecorded calls and texts
    too. `confirmed_by` is the database that confirmed a number, by name. `notice` is that of the
    creditor, for `creditor_notice`; `prior_collectors` are those who had the address before, the
    immediately prior last, for `prior_collector`.
    """

    consumer_id: ConsumerId
    medium: Literal["email", "text", "call"]
    procedure: Literal["consumer_used", "direct_consent", "creditor_notice", "prior_collector"]
    contact_point_id: PointId | None = None
    account_ids: AccountIds = []
    given_to: Literal["this_collector", "creditor", "prior_collector"] = "this_collector"
    given_at: Instant | None = None
    opt_out_ends_on: Date | None = None
    confirmed_at: Instant | None = None
    expires_on: Date | None = None
    is_for_automated: bool = False
    confirmed_by: Code | None = None
    notice: CreditorNoticeBody | None = None
    prior_collectors: Annotated[list[PriorCollectorBody], Field(max_length=COLLECTORS_MAX)] = []

    def consent(self, *, consent_id: str, now: datetime) -> commands.RecordConsent:
        """Return what the profile takes in."""
        as_told = self.model_dump(exclude={"account_ids", "notice", "prior_collectors"})
        return commands.RecordConsent(
            consent_id=consent_id,
            account_ids=tuple(self.account_ids),
            notice=None if self.notice is None else self.notice.notice(),
            prior_collectors=tuple(
                told.PriorCollector(**each.model_dump()) for each in self.prior_collectors
            ),
            now=now,
            **as_told,
        )


class WithdrawalBody(StrictBody):
    """When a consent was withdrawn, if not now."""

    consumer_id: ConsumerId
    withdrawn_at: Instant | None = None


def _minute(time_of_day: str) -> int:
    return int(time_of_day[:2]) * 60 + int(time_of_day[3:])
