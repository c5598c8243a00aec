"""Since when a fact holds, whoever knew of it: what tells that it was learnt late."""

from datetime import UTC, date, datetime, timedelta

from services.compliance.rules import facts
from services.compliance.rules.facts import Fact

ALWAYS = datetime.min.replace(tzinfo=UTC)
"""Since before anything was recorded."""

_FIRST_ON_EARTH = timedelta(hours=14)
"""A date begins so long before it does in UTC, in the zone where it begins first."""

_STATED: dict[type, str] = {
    facts.CeaseNotice: "received_at",
    facts.OralStop: "received_at",
    facts.AttorneyRetained: "received_at",
    facts.EmployerProhibition: "received_at",
    facts.InconvenientPlace: "received_at",
    facts.InconvenientTime: "received_at",
    facts.OptOut: "received_at",
    facts.Dispute: "received_at",
    facts.OriginalCreditorRequest: "received_at",
    facts.SubstantiationRequest: "received_at",
    facts.PersonStatement: "received_at",
    facts.InboundMessage: "received_at",
    facts.IdentityTheftReport: "received_at",
    facts.ConsumerStatus: "learned_at",
    facts.ThirdPartyDisclosure: "learned_at",
    facts.EmployerAddress: "learned_at",
    facts.ReportingDispute: "noticed_at",
    facts.AccountStanding: "since",
    facts.InboundCall: "ended_at",
    facts.MessageConsent: "given_at",
    facts.AutomatedConsent: "given_at",
    facts.ExtraCallsConsent: "received_at",
    facts.PriorConsent: "received_at",
    facts.ReassignmentCheck: "checked_at",
    facts.PriorConduct: "at",
    facts.NoticeSent: "sent_at",
    facts.DebtMessageSent: "sent_at",
    facts.SpokenWith: "spoken_at",
    facts.ValidationNotice: "provided_at",
    facts.InitialCommunication: "at",
    facts.CallReview: "reviewed_at",
}
"""Which field says it. A kind that is neither here nor below says nothing of an earlier time."""


def valid_from(fact: Fact) -> datetime | None:
    """Return since when a fact holds; None where it says nothing but that it is known now."""
    match fact:
        case facts.WrongNumber():
            return ALWAYS  # it was somebody else's all along, for all that is known
        case facts.Bankruptcy():
            # Without a filing date it binds from when it was learnt of: no date can be made up.
            return fact.learned_at if fact.filed_on is None else _begins(fact.filed_on)
        case facts.MilitaryService():
            return _begins(fact.started_on)
        case facts.LimitationPeriod():
            return _begins(fact.barred_from)
        case _:
            return None if _is_change(fact) else _changed(fact) or _stated(fact)


def _is_change(fact: Fact) -> bool:
    """Tell whether it is a later turn of a fact that does not say when it was taken."""
    match fact:
        case facts.Dispute() | facts.OriginalCreditorRequest():
            return fact.answered
        case facts.SubstantiationRequest():
            return fact.is_substantiated
        case facts.AttorneyRetained():
            return not fact.is_reachable
        case facts.ValidationNotice():
            return fact.is_undeliverable
        case _:
            return False


def _changed(fact: Fact) -> datetime | None:
    """Return when a later turn was taken that says when."""
    match fact:
        case (
            facts.MessageConsent()
            | facts.AutomatedConsent()
            | facts.ExtraCallsConsent()
            | facts.PriorConsent()
        ):
            return fact.withdrawn_at
        case facts.IdentityTheftReport():
            return fact.rescinded_at
        case _:
            return None


def _stated(fact: Fact) -> datetime | None:
    field = _STATED.get(type(fact))
    stated: datetime | None = getattr(fact, field) if field else None
    return stated


def _begins(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) - _FIRST_ON_EARTH
