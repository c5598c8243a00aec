"""What deciding about a profile needs, and what compliance must be told again if it missed it."""

from datetime import datetime
from typing import assert_never

from services.contact.profiles.domain import events, told
from shared.kernel.records import record, replace

HEARD_KEPT_MAX = 64
"""Messages remembered so that a repeat is recognized; a repeat comes at once or not at all."""


@record
class Point:
    """A contact point as far as decisions need it."""

    kind: events.PointKind
    digest: str
    account_ids: tuple[str, ...]
    party_id: str | None = None


@record
class KeptFact:
    """A statement or consent as compliance is told it, and the version of the stream that says so.

    `digest` is set when the address itself is opted out, whoever uses it.
    """

    version: int
    fact: told.Fact
    digest: str | None = None
    is_ended: bool = False


@record
class Profile:
    """One consumer. `version` counts the events folded, which is the stream's version."""

    version: int = 0
    points: dict[str, Point] = {}
    facts: dict[str, KeptFact] = {}
    consents: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    heard: tuple[str, ...] = ()

    def in_force(self, fact_id: str) -> bool:
        """Tell whether a statement was made and not released."""
        return fact_id in self.facts and not self.facts[fact_id].is_ended

    def automated(self, consent_id: str) -> told.AutomatedConsent | None:
        """Return the consent as one to automated calls and texts, if it is one."""
        kept = self.facts.get(automated_key(consent_id))
        return kept.fact if kept and isinstance(kept.fact, told.AutomatedConsent) else None


def evolve(state: Profile, event: events.Event) -> Profile:
    """Apply one fact."""
    return replace(_evolved(state, event), version=state.version + 1)


def _evolved(state: Profile, event: events.Event) -> Profile:
    match event:
        case events.ContactPointRecorded():
            point = Point(
                kind=event.kind,
                digest=event.digest,
                account_ids=event.account_ids,
                party_id=event.party_id,
            )
            return replace(state, points={**state.points, event.contact_point_id: point})
        case events.ConsentRecorded():
            known = replace(state, consents=(*state.consents, event.consent_id))
            fact = _message_consent(event)
            told_of = known if fact is None else _keep(known, event.consent_id, fact, None)
            return _keep_automated(told_of, event)
        case events.ConsentWithdrawn():
            gone = replace(state, withdrawn=(*state.withdrawn, event.consent_id))
            return _withdraw(gone, event.consent_id, event.withdrawn_at)
        case (
            events.CeaseRequested()
            | events.OptOutRecorded()
            | events.AttorneyRetained()
            | events.InconvenientTimeStated()
            | events.InconvenientPlaceStated()
            | events.EmployerProhibitionStated()
            | events.ExtraCallsConsented()
            | events.WrongNumberReported()
            | events.ThirdPartyDisclosureReported()
            | events.EmployerAddressReported()
            | events.PriorConsentGiven()
            | events.ConsumerStatusReported()
            | events.BankruptcyReported()
            | events.MilitaryServiceReported()
            | events.IdentityTheftReported()
            | events.NumberChecked()
            | events.PriorConductReported()
            | events.InitialCommunicationReported()
            | events.ReportingDisputeNoticed()
            | events.DebtPositionStated()
        ):
            digest = event.digest if isinstance(event, events.OptOutRecorded) else None
            return _keep(state, event.fact_id, fact_of(event), digest)
        case events.ProtectiveFactReleased():
            kept = state.facts.get(event.fact_id)
            if kept is None:
                return state
            ended = replace(kept, is_ended=True)
            return replace(state, facts={**state.facts, event.fact_id: ended})
        case events.InboundMessageReceived() | events.InboundCallReceived():
            return replace(state, heard=(*state.heard, event.message_id)[-HEARD_KEPT_MAX:])
        case _:
            assert_never(event)


def fact_of(event: events.Statement) -> told.Fact:
    """Say a statement in compliance's terms."""
    match event:
        case events.CeaseRequested():
            if not event.in_writing:
                return told.OralStop(received_at=event.received_at, account_ids=event.account_ids)
            return told.CeaseNotice(
                received_at=event.received_at,
                account_ids=event.account_ids,
                medium=event.medium,
            )
        case events.OptOutRecorded():
            return told.OptOut(
                received_at=event.received_at,
                medium=event.medium,
                contact_point_id=event.contact_point_id,
                digest=event.digest,
            )
        case events.AttorneyRetained():
            return told.AttorneyRetained(
                received_at=event.received_at,
                account_ids=event.account_ids,
                is_noticed_by_attorney=event.is_noticed_by_attorney,
            )
        case events.InconvenientTimeStated():
            return told.InconvenientTime(windows=event.windows, received_at=event.received_at)
        case events.InconvenientPlaceStated():
            return told.InconvenientPlace(place=event.place, received_at=event.received_at)
        case events.EmployerProhibitionStated():
            return told.EmployerProhibition(received_at=event.received_at)
        case events.ExtraCallsConsented():
            return told.ExtraCallsConsent(
                received_at=event.received_at,
                account_ids=event.account_ids,
                first_date=event.first_date,
                last_date=event.last_date,
            )
        case events.PriorConsentGiven():
            return _prior_consent(event)
        case _:
            return _reported(event)


def _prior_consent(event: events.PriorConsentGiven) -> told.PriorConsent:
    return told.PriorConsent(
        received_at=event.received_at,
        lifts=event.lifts,
        source=event.source,
        is_lawfully_given=event.is_lawfully_given,
        until=event.until,
        account_ids=event.account_ids,
        third_parties=event.third_parties,
        windows=event.windows,
    )


def _reported(event: events.Report | events.DebtPositionStated) -> told.Fact:
    match event:
        case events.DebtPositionStated():
            return told.PersonStatement(
                statement=event.position,
                received_at=event.received_at,
                account_ids=event.account_ids,
            )
        case events.WrongNumberReported():
            return told.WrongNumber(
                contact_point_id=event.contact_point_id, learned_at=event.learned_at
            )
        case events.ThirdPartyDisclosureReported():
            return told.ThirdPartyDisclosure(
                contact_point_id=event.contact_point_id, learned_at=event.learned_at
            )
        case events.EmployerAddressReported():
            return told.EmployerAddress(
                contact_point_id=event.contact_point_id, learned_at=event.learned_at
            )
        case events.ConsumerStatusReported():
            return told.ConsumerStatus(status=event.status, learned_at=event.learned_at)
        case events.NumberChecked():
            return told.ReassignmentCheck(
                contact_point_id=event.contact_point_id,
                checked_at=event.checked_at,
                answer=event.answer,
                consent_on=event.consent_on,
            )
        case _:
            return _of_consumer(event)


def _of_consumer(
    event: events.BankruptcyReported
    | events.MilitaryServiceReported
    | events.IdentityTheftReported
    | events.PriorConductReported
    | events.InitialCommunicationReported
    | events.ReportingDisputeNoticed,
) -> told.Fact:
    match event:
        case events.BankruptcyReported():
            return told.Bankruptcy(
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
        case events.MilitaryServiceReported():
            return told.MilitaryService(
                started_on=event.started_on,
                ended_on=event.ended_on,
                notice_received_on=event.notice_received_on,
            )
        case events.IdentityTheftReported():
            return told.IdentityTheftReport(
                account_id=event.account_id,
                source=event.source,
                received_at=event.received_at,
                creditor_notified_at=event.creditor_notified_at,
            )
        case events.ReportingDisputeNoticed():
            return told.ReportingDispute(
                account_id=event.account_id,
                noticed_at=event.noticed_at,
                is_extended=event.is_extended,
            )
        case events.PriorConductReported():
            return told.PriorConduct(conduct=event.conduct, at=event.happened_at)
        case events.InitialCommunicationReported():
            return told.InitialCommunication(
                account_id=event.account_id,
                at=event.happened_at,
                is_oral=event.is_oral,
                holds_validation=event.holds_validation,
            )
        case _:
            assert_never(event)


def _message_consent(event: events.ConsentRecorded) -> told.MessageConsent | None:
    if event.medium == "call":
        return None  # calls need none under Regulation F; the event keeps it for other law
    return told.MessageConsent(
        medium=event.medium,
        procedure=event.procedure,
        given_at=event.given_at,
        contact_point_id=event.contact_point_id,
        given_to=event.given_to,
        opt_out_ends_on=event.opt_out_ends_on,
        confirmed_at=event.confirmed_at,
        expires_on=event.expires_on,
        party_id=event.party_id,
        notice=event.notice,
        prior_collectors=event.prior_collectors,
        confirmed_by=event.confirmed_by,
    )


def automated_key(consent_id: str) -> str:
    """Name the fact that a consent is one to automated calls and texts too."""
    return f"automated-{consent_id}"


def _keep_automated(state: Profile, event: events.ConsentRecorded) -> Profile:
    if not event.is_for_automated:
        return state
    fact = told.AutomatedConsent(
        given_at=event.given_at,
        contact_point_id=event.contact_point_id,
        party_id=event.party_id,
        expires_on=event.expires_on,
        account_ids=event.account_ids,
    )
    return _keep(state, automated_key(event.consent_id), fact, None)


def _keep(state: Profile, fact_id: str, fact: told.Fact, digest: str | None) -> Profile:
    kept = KeptFact(version=state.version + 1, fact=fact, digest=digest)
    return replace(state, facts={**state.facts, fact_id: kept})


def _withdraw(state: Profile, consent_id: str, withdrawn_at: datetime) -> Profile:
    for key in (consent_id, automated_key(consent_id)):
        kept = state.facts.get(key)
        if kept and isinstance(kept.fact, told.MessageConsent | told.AutomatedConsent):
            ended = replace(kept.fact, withdrawn_at=withdrawn_at)
            state = _keep(state, key, ended, None)
    return state
