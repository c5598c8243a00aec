"""Which outstanding permits a new fact ends.

Wider than the rules on purpose: a permit revoked needlessly is asked for again, and every redeem
runs the whole decision anyway.
"""

from services.compliance.rules import facts
from services.compliance.rules.facts import Fact
from services.compliance.rules.request import SPOKEN, TELEPHONE, ContactRequest, medium_of

_OF_WHO_FILED_ALONE = (7, 11)


def ends_permit(fact: Fact, request: ContactRequest) -> bool:
    """Tell whether the fact restricts what the request was permitted to do."""
    match fact:
        # Whatever of a petition was discharged or lifted since: the redeem decides.
        case facts.CeaseNotice() | facts.AttorneyRetained() | facts.Bankruptcy():
            return _touches(fact.account_ids, request) and not _is_anothers_alone(fact, request)
        case facts.ConsumerStatus():
            return fact.status == "deceased" and request.party_id == request.consumer_id
        case facts.OptOut():
            return _is_opted_out(fact, request)
        case (
            facts.Dispute()
            | facts.OriginalCreditorRequest()
            | facts.AccountHold()
            | facts.AccountStanding()
        ):
            return fact.account_id in request.account_ids and _stops_work(fact)
        case facts.WrongNumber() | facts.ThirdPartyDisclosure() | facts.EmployerAddress():
            return fact.contact_point_id == request.contact_point_id
        case facts.EmployerProhibition() | facts.InconvenientPlace() | facts.InconvenientTime():
            return (fact.party_id or request.consumer_id) == request.party_id
        case facts.MessageConsent() | facts.ExtraCallsConsent() | facts.PriorConsent():
            return fact.withdrawn_at is not None and _is_consented(fact, request)
        case facts.InboundCall() | facts.OralStop():
            return _is_heard_out(fact, request)
        case facts.SubstantiationRequest():
            return fact.account_id in request.account_ids and not fact.is_substantiated
        case _:
            return _ends_automation(fact, request)


def _is_heard_out(fact: facts.InboundCall | facts.OralStop, request: ContactRequest) -> bool:
    if isinstance(fact, facts.OralStop):
        return request.channel in SPOKEN
    return fact.is_conversation and request.channel in TELEPHONE


def _ends_automation(fact: Fact, request: ContactRequest) -> bool:
    if request.technology == "live":
        return False
    match fact:
        case facts.AutomatedConsent():
            return fact.withdrawn_at is not None
        case facts.ReassignmentCheck():
            return fact.contact_point_id == request.contact_point_id and fact.answer == "yes"
        case _:
            return False


def _stops_work(
    fact: facts.Dispute | facts.OriginalCreditorRequest | facts.AccountHold | facts.AccountStanding,
) -> bool:
    match fact:
        case facts.AccountHold():
            return True
        case facts.AccountStanding():
            return fact.lifecycle != "active" or not fact.owes
        case _:
            return not fact.answered


def _is_consented(
    fact: facts.MessageConsent | facts.ExtraCallsConsent | facts.PriorConsent,
    request: ContactRequest,
) -> bool:
    if isinstance(fact, facts.PriorConsent):
        return True
    medium = fact.medium if isinstance(fact, facts.MessageConsent) else "call"
    return medium_of(request.channel) == medium


def _touches(account_ids: tuple[str, ...], request: ContactRequest) -> bool:
    return not account_ids or bool(set(account_ids) & set(request.account_ids))


def _is_anothers_alone(fact: Fact, request: ContactRequest) -> bool:
    """Tell whether it is somebody else's petition in a chapter that protects who filed alone."""
    if not isinstance(fact, facts.Bankruptcy) or fact.party_id in (None, request.party_id):
        return False
    return fact.chapter in _OF_WHO_FILED_ALONE


def _is_opted_out(fact: facts.OptOut, request: ContactRequest) -> bool:
    if fact.medium is not None and fact.medium != medium_of(request.channel):
        return False
    # A digest alone names a point that only the rules can match; take it as this one.
    is_elsewhere = fact.contact_point_id not in (None, request.contact_point_id)
    return not is_elsewhere or fact.digest is not None
