"""What a profile answers to what a person says: it is recorded as said, and ended only by name.

A statement is taken in even where nothing else is known of the consumer yet: protection does not
wait for a placement.
"""

from datetime import date, datetime
from typing import Any, assert_never

from services.contact.profiles.domain import commands, events
from services.contact.profiles.domain.deciding import past, require_fit
from services.contact.profiles.domain.refusals import (
    ConsentScopeMixed,
    ConsentsToNothing,
    EndsBeforeItStarts,
    OptsOutOfNothing,
    ProtectiveFactNotFound,
)
from services.contact.profiles.domain.state import Profile


def record_statement(command: commands.RecordStatement, state: Profile) -> tuple[events.Event, ...]:
    """Record what was said, once."""
    if command.fact_id in state.facts:
        return ()
    received_at = past(command.received_at, command.now, "/received_at")
    return (_stated(command, state, received_at),)


def release_fact(command: commands.ReleaseFact, state: Profile) -> tuple[events.Event, ...]:
    """End a statement, once. A consent is withdrawn instead."""
    if command.fact_id not in state.facts or command.fact_id in state.consents:
        raise ProtectiveFactNotFound(
            "the consumer has made no such statement: list theirs; a consent is withdrawn instead"
        )
    if not state.in_force(command.fact_id):
        return ()
    return (
        events.ProtectiveFactReleased(
            consumer_ids=(command.consumer_id,),
            fact_id=command.fact_id,
            released_by=command.released_by,
            reason=command.reason,
            at=command.now,
            digest=state.facts[command.fact_id].digest,
            note=command.note,
        ),
    )


def _stated(
    command: commands.RecordStatement, state: Profile, received_at: datetime
) -> events.Event:
    same: dict[str, Any] = {
        "consumer_ids": (command.consumer_id,),
        "fact_id": command.fact_id,
        "at": command.now,
        "statement": command.statement,
    }
    said = command.said
    match said:
        case commands.Cease():
            return events.CeaseRequested(
                account_ids=said.account_ids,
                in_writing=said.in_writing,
                medium=said.medium,
                received_at=received_at,
                **same,
            )
        case commands.OptOut():
            return _opt_out(said, state, received_at, same)
        case commands.Attorney():
            return events.AttorneyRetained(
                account_ids=said.account_ids,
                attorney=said.attorney,
                received_at=received_at,
                is_noticed_by_attorney=said.is_noticed_by_attorney,
                **same,
            )
        case commands.InconvenientTime():
            return events.InconvenientTimeStated(
                windows=said.windows, received_at=received_at, **same
            )
        case commands.InconvenientPlace():
            return events.InconvenientPlaceStated(place=said.place, received_at=received_at, **same)
        case commands.EmployerProhibits():
            return events.EmployerProhibitionStated(received_at=received_at, **same)
        case commands.ExtraCalls():
            return _extra_calls(said, received_at, same)
        case commands.PriorConsent():
            return _prior_consent(said, received_at, same)
        case commands.DebtPosition():
            return events.DebtPositionStated(
                position=said.position,
                account_ids=said.account_ids,
                received_at=received_at,
                **same,
            )
        case _:
            return _reported(said, state, received_at, same)


def _reported(
    said: commands.Report, state: Profile, received_at: datetime, same: dict[str, Any]
) -> events.Event:
    match said:
        case commands.WrongNumber():
            require_fit(state, said.contact_point_id)
            return events.WrongNumberReported(
                contact_point_id=said.contact_point_id, learned_at=received_at, **same
            )
        case commands.ThirdPartyDisclosure():
            require_fit(state, said.contact_point_id)
            return events.ThirdPartyDisclosureReported(
                contact_point_id=said.contact_point_id, learned_at=received_at, **same
            )
        case commands.EmployerAddress():
            require_fit(state, said.contact_point_id, "email")
            return events.EmployerAddressReported(
                contact_point_id=said.contact_point_id, learned_at=received_at, **same
            )
        case commands.ConsumerStatus():
            return events.ConsumerStatusReported(status=said.status, learned_at=received_at, **same)
        case commands.NumberCheck():
            require_fit(state, said.contact_point_id, "call")
            return events.NumberChecked(
                contact_point_id=said.contact_point_id,
                answer=said.answer,
                consent_on=said.consent_on,
                checked_at=received_at,
                **same,
            )
        case _:
            return _of_consumer(said, received_at, same)


def _of_consumer(
    said: commands.Bankruptcy
    | commands.MilitaryService
    | commands.IdentityTheft
    | commands.PriorConduct
    | commands.InitialCommunication
    | commands.ReportingDispute,
    received_at: datetime,
    same: dict[str, Any],
) -> events.Event:
    match said:
        case commands.Bankruptcy():
            _require_order(said.filed_on, said.ended_on, "/ended_on")
            _require_order(said.filed_on, said.discharged_on, "/discharged_on")
            return events.BankruptcyReported(
                chapter=said.chapter,
                filed_on=said.filed_on,
                ended_on=said.ended_on,
                discharged_on=said.discharged_on,
                account_ids=said.account_ids,
                stay_lifted=said.stay_lifted,
                postpetition=said.postpetition,
                reaffirmed=said.reaffirmed,
                learned_at=received_at,
                **same,
            )
        case commands.MilitaryService():
            _require_order(said.started_on, said.ended_on, "/ended_on")
            return events.MilitaryServiceReported(
                started_on=said.started_on,
                ended_on=said.ended_on,
                notice_received_on=said.notice_received_on,
                learned_at=received_at,
                **same,
            )
        case commands.IdentityTheft():
            notified_at = said.creditor_notified_at
            return events.IdentityTheftReported(
                account_id=said.account_id,
                source=said.source,
                received_at=received_at,
                creditor_notified_at=notified_at
                and past(notified_at, same["at"], "/creditor_notified_at"),
                **same,
            )
        case commands.ReportingDispute():
            return events.ReportingDisputeNoticed(
                account_id=said.account_id,
                is_extended=said.is_extended,
                noticed_at=received_at,
                **same,
            )
        case commands.PriorConduct():
            happened_at = said.happened_at or received_at
            return events.PriorConductReported(
                conduct=said.conduct,
                happened_at=past(happened_at, same["at"], "/happened_at"),
                **same,
            )
        case commands.InitialCommunication():
            return events.InitialCommunicationReported(
                account_id=said.account_id,
                is_oral=said.is_oral,
                holds_validation=said.holds_validation,
                happened_at=received_at,
                **same,
            )
        case _:
            assert_never(said)


def _require_order(first: date | None, last: date | None, pointer: str) -> None:
    if first and last and last < first:
        raise EndsBeforeItStarts(
            "the end is before the start: give an end on or after that day", pointer=pointer
        )


def _prior_consent(
    said: commands.PriorConsent, received_at: datetime, same: dict[str, Any]
) -> events.Event:
    if said.until is not None and said.until <= received_at:
        raise EndsBeforeItStarts(
            "the consent ends before it was given: give a later end, or none", pointer="/until"
        )
    if not said.lifts and not said.third_parties:
        raise ConsentsToNothing(
            "the consent is to nothing: name what is lifted, or who may be told", pointer="/lifts"
        )
    if said.windows and said.lifts != ("time",):
        raise ConsentScopeMixed(
            "consent for some times lifts those of the clock alone: give lifts as [time], and what"
            " is consented to at any time in a statement of its own",
            pointer="/windows",
        )
    return events.PriorConsentGiven(
        lifts=said.lifts,
        source=said.source,
        is_lawfully_given=said.is_lawfully_given,
        until=said.until,
        account_ids=said.account_ids,
        third_parties=said.third_parties,
        windows=said.windows,
        received_at=received_at,
        **same,
    )


def _opt_out(
    said: commands.OptOut, state: Profile, received_at: datetime, same: dict[str, Any]
) -> events.Event:
    digest = said.digest
    if said.contact_point_id is not None:
        require_fit(state, said.contact_point_id, said.medium)
        digest = state.points[said.contact_point_id].digest
    if said.medium is None and digest is None:
        raise OptsOutOfNothing("name a medium, a contact point, or both", pointer="/medium")
    return events.OptOutRecorded(
        scope="medium" if digest is None else "contact_point",
        medium=said.medium,
        contact_point_id=said.contact_point_id,
        digest=digest,
        received_at=received_at,
        **same,
    )


def _extra_calls(
    said: commands.ExtraCalls, received_at: datetime, same: dict[str, Any]
) -> events.Event:
    if said.first_date and said.last_date and said.last_date < said.first_date:
        raise EndsBeforeItStarts(
            "the last date is before the first: give one on or after it", pointer="/last_date"
        )
    return events.ExtraCallsConsented(
        account_ids=said.account_ids,
        first_date=said.first_date,
        last_date=said.last_date,
        received_at=received_at,
        **same,
    )
