"""What gates learn from contact: ways to reach a consumer, consents, and what they said.

A statement was usually told here synchronously before its event arrives; both name it alike.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal

from services.compliance.facts.recording import Stated, record_fact, release_fact
from services.compliance.facts.silence import protection
from services.compliance.rules import facts
from shared.eventstore.transact import Issue
from shared.kernel.records import event
from shared.messaging.feed import Envelope
from shared.messaging.subscription import Handler, reaction


@event("forbear.contact.contact-point-recorded.v1")
class ContactPointRecorded:
    """A way to reach someone."""

    consumer_ids: tuple[str, ...]
    contact_point_id: str
    kind: str
    label: str
    digest: str
    zones: tuple[str, ...]
    states: tuple[str, ...]
    source: str
    party_id: str | None = None
    is_public_domain: bool | None = None
    localities: tuple[str, ...] = ()


@event("forbear.contact.consent-recorded.v1")
class ConsentRecorded:
    """A consent became known."""

    consumer_ids: tuple[str, ...]
    consent_id: str
    account_ids: tuple[str, ...]
    medium: str
    procedure: str
    given_to: str
    given_at: datetime
    contact_point_id: str | None = None
    opt_out_ends_on: date | None = None
    confirmed_at: datetime | None = None
    expires_on: date | None = None
    party_id: str | None = None
    is_for_automated: bool = False
    notice: facts.CreditorNotice | None = None
    confirmed_by: str | None = None
    prior_collectors: tuple[facts.PriorCollector, ...] = ()


@event("forbear.contact.consent-withdrawn.v1")
class ConsentWithdrawn:
    """A consent was taken back; of one to automated calls, with its particulars."""

    consumer_ids: tuple[str, ...]
    consent_id: str
    withdrawn_at: datetime
    is_for_automated: bool = False
    given_at: datetime | None = None
    contact_point_id: str | None = None
    party_id: str | None = None
    expires_on: date | None = None
    account_ids: tuple[str, ...] = ()


@event("forbear.contact.cease-requested.v1")
class CeaseRequested:
    """The person wants contact to stop."""

    consumer_ids: tuple[str, ...]
    fact_id: str
    account_ids: tuple[str, ...]
    in_writing: bool
    medium: str
    received_at: datetime


@event("forbear.contact.opt-out-recorded.v1")
class OptOutRecorded:
    """A medium or an address is not to be used."""

    consumer_ids: tuple[str, ...]
    fact_id: str
    medium: facts.Medium | None
    contact_point_id: str | None
    digest: str | None
    received_at: datetime


@event("forbear.contact.attorney-retained.v1")
class AttorneyRetained:
    """An attorney represents the consumer."""

    consumer_ids: tuple[str, ...]
    fact_id: str
    account_ids: tuple[str, ...]
    received_at: datetime
    is_noticed_by_attorney: bool | None = None


@event("forbear.contact.inconvenient-time-stated.v1")
class InconvenientTimeStated:
    """Times not to be used."""

    consumer_ids: tuple[str, ...]
    fact_id: str
    windows: tuple[facts.WeeklyWindow, ...]
    received_at: datetime


@event("forbear.contact.inconvenient-place-stated.v1")
class InconvenientPlaceStated:
    """A place not to be used."""

    consumer_ids: tuple[str, ...]
    fact_id: str
    place: Literal["home", "work"]
    received_at: datetime


@event("forbear.contact.employer-prohibition-stated.v1")
class EmployerProhibitionStated:
    """The employer does not allow contact at work."""

    consumer_ids: tuple[str, ...]
    fact_id: str
    received_at: datetime


@event("forbear.contact.extra-calls-consented.v1")
class ExtraCallsConsented:
    """More calls are welcome."""

    consumer_ids: tuple[str, ...]
    fact_id: str
    account_ids: tuple[str, ...]
    first_date: date | None
    last_date: date | None
    received_at: datetime


@event("forbear.contact.wrong-number-reported.v1")
class WrongNumberReported:
    """A contact point is somebody else's."""

    consumer_ids: tuple[str, ...]
    fact_id: str
    contact_point_id: str
    learned_at: datetime


@event("forbear.contact.third-party-disclosure-reported.v1")
class ThirdPartyDisclosureReported:
    """Messages to a contact point were seen by a third party."""

    consumer_ids: tuple[str, ...]
    fact_id: str
    contact_point_id: str
    learned_at: datetime


@event("forbear.contact.employer-address-reported.v1")
class EmployerAddressReported:
    """An e-mail address is provided by the employer."""

    consumer_ids: tuple[str, ...]
    fact_id: str
    contact_point_id: str
    learned_at: datetime


@event("forbear.contact.prior-consent-given.v1")
class PriorConsentGiven:
    """Contact that the law otherwise bars is welcome, or permitted by a court."""

    consumer_ids: tuple[str, ...]
    fact_id: str
    lifts: tuple[facts.Lifted, ...]
    source: Literal["person", "court"]
    is_lawfully_given: bool
    until: datetime | None
    account_ids: tuple[str, ...]
    received_at: datetime
    third_parties: tuple[str, ...] = ()
    windows: tuple[facts.WeeklyWindow, ...] = ()


@event("forbear.contact.consumer-status-reported.v1")
class ConsumerStatusReported:
    """The consumer has died, or is a minor."""

    consumer_ids: tuple[str, ...]
    fact_id: str
    status: Literal["deceased", "minor"]
    learned_at: datetime


@event("forbear.contact.bankruptcy-reported.v1")
class BankruptcyReported:
    """The consumer is bankrupt, or was."""

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


@event("forbear.contact.military-service-reported.v1")
class MilitaryServiceReported:
    """The consumer serves, or served."""

    consumer_ids: tuple[str, ...]
    fact_id: str
    started_on: date
    ended_on: date | None
    notice_received_on: date | None


@event("forbear.contact.identity-theft-reported.v1")
class IdentityTheftReported:
    """A debt came of identity theft."""

    consumer_ids: tuple[str, ...]
    fact_id: str
    account_id: str
    source: Literal["agency_block", "consumer_report"]
    received_at: datetime
    creditor_notified_at: datetime | None = None


@event("forbear.contact.reporting-dispute-noticed.v1")
class ReportingDisputeNoticed:
    """A reporting agency gave notice of a dispute."""

    consumer_ids: tuple[str, ...]
    fact_id: str
    account_id: str
    is_extended: bool
    noticed_at: datetime


@event("forbear.contact.number-checked.v1")
class NumberChecked:
    """The reassigned numbers database was asked about a number."""

    consumer_ids: tuple[str, ...]
    fact_id: str
    contact_point_id: str
    answer: Literal["yes", "no", "no_data"]
    consent_on: date
    checked_at: datetime


@event("forbear.contact.debt-position-stated.v1")
class DebtPositionStated:
    """The person took a position on the debt."""

    consumer_ids: tuple[str, ...]
    fact_id: str
    position: Literal["does_not_wish_contact", "refuses_to_pay", "does_not_owe", "was_answered"]
    account_ids: tuple[str, ...]
    received_at: datetime


@event("forbear.contact.prior-conduct-reported.v1")
class PriorConductReported:
    """A collector treated the person in a way that bears on calls."""

    consumer_ids: tuple[str, ...]
    fact_id: str
    conduct: str
    happened_at: datetime


@event("forbear.contact.initial-communication-reported.v1")
class InitialCommunicationReported:
    """A debt was communicated about for the first time."""

    consumer_ids: tuple[str, ...]
    fact_id: str
    account_id: str
    is_oral: bool
    holds_validation: bool
    happened_at: datetime


@event("forbear.contact.protective-fact-released.v1")
class ProtectiveFactReleased:
    """A statement binds no more."""

    consumer_ids: tuple[str, ...]
    fact_id: str
    released_by: str
    reason: str
    digest: str | None = None


@event("forbear.contact.inbound-message-received.v1")
class InboundMessageReceived:
    """The person wrote."""

    consumer_ids: tuple[str, ...]
    message_id: str
    channel: facts.Channel
    contact_point_id: str | None
    received_at: datetime
    until: datetime | None = None
    party_id: str | None = None


@event("forbear.contact.inbound-call-received.v1")
class InboundCallReceived:
    """The person telephoned."""

    consumer_ids: tuple[str, ...]
    message_id: str
    contact_point_id: str | None
    account_ids: tuple[str, ...]
    is_conversation: bool
    started_at: datetime
    ended_at: datetime
    party_id: str | None = None


def _point(event: ContactPointRecorded) -> facts.Fact:
    return facts.ContactPointKnown(
        contact_point_id=event.contact_point_id,
        point_kind=event.kind,  # type: ignore[arg-type]
        label=event.label,
        digest=event.digest,
        zones=event.zones,
        states=event.states,
        localities=event.localities,
        source=event.source,
        party_id=event.party_id,
        is_public_domain=event.is_public_domain,
    )


def consented(event: ConsentRecorded, envelope: Envelope) -> Sequence[Issue]:
    """Let a consent to messages, or to automated calls and texts, be known.

    A consent to be called is none to be called more often: that is given to the collector itself
    (12 CFR 1006.14(b)(3)(i)) and is a statement of its own, `ExtraCallsConsented`.
    """
    issues: list[Issue] = []
    if event.medium != "call":
        issues += record_fact(_stated(event.consent_id, event, envelope), _message_consent(event))
    if event.is_for_automated:
        automated = facts.AutomatedConsent(
            given_at=event.given_at,
            contact_point_id=event.contact_point_id,
            party_id=event.party_id,
            expires_on=event.expires_on,
            account_ids=event.account_ids,
        )
        issues += record_fact(_stated(_automated_key(event), event, envelope), automated)
    return issues


def _message_consent(event: ConsentRecorded) -> facts.MessageConsent:
    return facts.MessageConsent(
        medium=event.medium,  # type: ignore[arg-type]
        procedure=event.procedure,  # type: ignore[arg-type]
        given_at=event.given_at,
        contact_point_id=event.contact_point_id,
        given_to=event.given_to,  # type: ignore[arg-type]
        opt_out_ends_on=event.opt_out_ends_on,
        confirmed_at=event.confirmed_at,
        expires_on=event.expires_on,
        party_id=event.party_id,
        notice=event.notice,
        prior_collectors=event.prior_collectors,
        confirmed_by=event.confirmed_by,
    )


def _automated_key(event: ConsentRecorded | ConsentWithdrawn) -> str:
    """Name the fact as contact does when it tells it."""
    return f"automated-{event.consent_id}"


def _cease(event: CeaseRequested) -> facts.Fact:
    if event.in_writing:
        return facts.CeaseNotice(
            received_at=event.received_at, account_ids=event.account_ids, medium=event.medium
        )
    return facts.OralStop(received_at=event.received_at, account_ids=event.account_ids)


def _opt_out(event: OptOutRecorded) -> facts.Fact:
    return facts.OptOut(
        received_at=event.received_at,
        medium=event.medium,
        contact_point_id=event.contact_point_id,
        digest=event.digest,
    )


def heard(event: InboundMessageReceived, envelope: Envelope) -> Sequence[Issue]:
    """Let a message be answered, and its address or number be known as used by the person.

    The message itself is forgotten once nobody would take anything for its answer; that the
    person wrote from there is not (12 CFR 1006.6(d)(4)(i)(A), (d)(5)(i)).
    """
    message = facts.InboundMessage(
        message_id=event.message_id,
        channel=event.channel,
        received_at=event.received_at,
        contact_point_id=event.contact_point_id,
        until=event.until,
        party_id=event.party_id,
    )
    issues = record_fact(_stated(event.message_id, event, envelope), message)
    if event.channel not in ("email", "text") or event.contact_point_id is None:
        return issues
    used = facts.MessageConsent(
        medium=event.channel,
        procedure="consumer_used",
        given_at=event.received_at,
        contact_point_id=event.contact_point_id,
        party_id=event.party_id,
    )
    key = f"used-{event.channel}-{event.contact_point_id}"
    return [*issues, *record_fact(_stated(key, event, envelope), used)]


def _inbound_call(event: InboundCallReceived) -> facts.Fact:
    return facts.InboundCall(
        started_at=event.started_at,
        ended_at=event.ended_at,
        is_conversation=event.is_conversation,
        account_ids=event.account_ids,
        contact_point_id=event.contact_point_id,
        party_id=event.party_id,
    )


def _extra_calls(event: ExtraCallsConsented) -> facts.Fact:
    return facts.ExtraCallsConsent(
        received_at=event.received_at,
        account_ids=event.account_ids,
        first_date=event.first_date,
        last_date=event.last_date,
    )


def _bankruptcy(event: BankruptcyReported) -> facts.Fact:
    return facts.Bankruptcy(
        learned_at=event.learned_at,
        chapter=event.chapter,
        filed_on=event.filed_on,
        ended_on=event.ended_on,
        discharged_on=event.discharged_on,
        account_ids=event.account_ids,
        stay_lifted=event.stay_lifted,
        postpetition=event.postpetition,
        reaffirmed=event.reaffirmed,
    )


def _military_service(event: MilitaryServiceReported) -> facts.Fact:
    return facts.MilitaryService(
        started_on=event.started_on,
        ended_on=event.ended_on,
        notice_received_on=event.notice_received_on,
    )


def _identity_theft(event: IdentityTheftReported) -> facts.Fact:
    return facts.IdentityTheftReport(
        account_id=event.account_id,
        source=event.source,
        received_at=event.received_at,
        creditor_notified_at=event.creditor_notified_at,
    )


def _reporting_dispute(event: ReportingDisputeNoticed) -> facts.Fact:
    return facts.ReportingDispute(
        account_id=event.account_id,
        noticed_at=event.noticed_at,
        is_extended=event.is_extended,
    )


def _number_check(event: NumberChecked) -> facts.Fact:
    return facts.ReassignmentCheck(
        contact_point_id=event.contact_point_id,
        checked_at=event.checked_at,
        answer=event.answer,
        consent_on=event.consent_on,
    )


def _debt_position(event: DebtPositionStated) -> facts.Fact:
    return facts.PersonStatement(
        statement=event.position, received_at=event.received_at, account_ids=event.account_ids
    )


def _prior_conduct(event: PriorConductReported) -> facts.Fact:
    return facts.PriorConduct(conduct=event.conduct, at=event.happened_at)


def _initial_communication(event: InitialCommunicationReported) -> facts.Fact:
    return facts.InitialCommunication(
        account_id=event.account_id,
        at=event.happened_at,
        is_oral=event.is_oral,
        holds_validation=event.holds_validation,
    )


def _prior_consent(event: PriorConsentGiven) -> facts.Fact:
    return facts.PriorConsent(
        received_at=event.received_at,
        lifts=event.lifts,
        source=event.source,
        is_lawfully_given=event.is_lawfully_given,
        until=event.until,
        account_ids=event.account_ids,
        third_parties=event.third_parties,
        windows=event.windows,
    )


def _stated(fact_key: str, event: Any, envelope: Envelope) -> Stated:
    return Stated(
        fact_key=fact_key,
        source_stream=envelope.stream,
        source_version=envelope.version,
        consumer_ids=event.consumer_ids,
    )


def _learns(key: str, fact_of: Any) -> Any:
    def react(event: Any, envelope: Envelope) -> Sequence[Issue]:
        return record_fact(
            _stated(getattr(event, key), event, envelope),
            fact_of(event),
        )

    return react


def withdrawn(event: ConsentWithdrawn, envelope: Envelope) -> Sequence[Issue]:
    """End a consent. That one to automated calls and texts was taken back stays known."""
    ended = release_fact(
        _stated(event.consent_id, event, envelope),
        released_by=envelope.metadata.actor,
        reason="the consent was withdrawn",
    )
    if not event.is_for_automated:
        return ended
    revoked = facts.AutomatedConsent(
        given_at=event.given_at or event.withdrawn_at,
        contact_point_id=event.contact_point_id,
        withdrawn_at=event.withdrawn_at,
        party_id=event.party_id,
        expires_on=event.expires_on,
        account_ids=event.account_ids,
    )
    return [*ended, *record_fact(_stated(_automated_key(event), event, envelope), revoked)]


def released(event: ProtectiveFactReleased, envelope: Envelope) -> Sequence[Issue]:
    """End a statement."""
    return release_fact(
        _stated(event.fact_id, event, envelope),
        released_by=event.released_by,
        reason=event.reason,
        digest=event.digest,
    )


HANDLERS: tuple[Handler, ...] = (
    reaction(ContactPointRecorded, _learns("contact_point_id", _point)),
    reaction(ConsentRecorded, consented),
    reaction(ConsentWithdrawn, withdrawn),
    protection(CeaseRequested, _learns("fact_id", _cease)),
    protection(OptOutRecorded, _learns("fact_id", _opt_out)),
    protection(
        AttorneyRetained,
        _learns(
            "fact_id",
            lambda event: facts.AttorneyRetained(
                received_at=event.received_at,
                account_ids=event.account_ids,
                is_noticed_by_attorney=event.is_noticed_by_attorney,
            ),
        ),
    ),
    protection(
        InconvenientTimeStated,
        _learns(
            "fact_id",
            lambda event: facts.InconvenientTime(
                windows=event.windows, received_at=event.received_at
            ),
        ),
    ),
    protection(
        InconvenientPlaceStated,
        _learns(
            "fact_id",
            lambda event: facts.InconvenientPlace(place=event.place, received_at=event.received_at),
        ),
    ),
    protection(
        EmployerProhibitionStated,
        _learns("fact_id", lambda event: facts.EmployerProhibition(received_at=event.received_at)),
    ),
    reaction(ExtraCallsConsented, _learns("fact_id", _extra_calls)),
    protection(
        WrongNumberReported,
        _learns(
            "fact_id",
            lambda event: facts.WrongNumber(
                contact_point_id=event.contact_point_id, learned_at=event.learned_at
            ),
        ),
    ),
    protection(
        ThirdPartyDisclosureReported,
        _learns(
            "fact_id",
            lambda event: facts.ThirdPartyDisclosure(
                contact_point_id=event.contact_point_id, learned_at=event.learned_at
            ),
        ),
    ),
    protection(
        EmployerAddressReported,
        _learns(
            "fact_id",
            lambda event: facts.EmployerAddress(
                contact_point_id=event.contact_point_id, learned_at=event.learned_at
            ),
        ),
    ),
    reaction(PriorConsentGiven, _learns("fact_id", _prior_consent)),
    protection(
        ConsumerStatusReported,
        _learns(
            "fact_id",
            lambda event: facts.ConsumerStatus(status=event.status, learned_at=event.learned_at),
        ),
    ),
    protection(BankruptcyReported, _learns("fact_id", _bankruptcy)),
    reaction(MilitaryServiceReported, _learns("fact_id", _military_service)),
    protection(IdentityTheftReported, _learns("fact_id", _identity_theft)),
    reaction(NumberChecked, _learns("fact_id", _number_check)),
    reaction(DebtPositionStated, _learns("fact_id", _debt_position)),
    reaction(PriorConductReported, _learns("fact_id", _prior_conduct)),
    reaction(InitialCommunicationReported, _learns("fact_id", _initial_communication)),
    reaction(ReportingDisputeNoticed, _learns("fact_id", _reporting_dispute)),
    reaction(ProtectiveFactReleased, released),
    reaction(InboundMessageReceived, heard),
    reaction(InboundCallReceived, _learns("message_id", _inbound_call)),
)
