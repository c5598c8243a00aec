"""The rules in force, in an explicit tuple, and how a request is judged by all of them.

A rule is a pure function of the request, the gate and the instant. Judging never stops at the
first no: every objecting rule is named. Adding a rule can only make a decision stricter.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from services.compliance.rules import inconvenient_time as named
from services.compliance.rules import local_time, permitted_hours
from services.compliance.rules.account_hold import account_hold
from services.compliance.rules.account_not_active import account_not_active
from services.compliance.rules.account_unknown import account_unknown
from services.compliance.rules.attorney_retained import attorney_retained
from services.compliance.rules.call_cooldown import call_cooldown
from services.compliance.rules.call_frequency import call_frequency
from services.compliance.rules.call_outcome_unknown import call_outcome_unknown
from services.compliance.rules.cease_notice import cease_notice
from services.compliance.rules.contact_after_oral_stop import contact_after_oral_stop
from services.compliance.rules.contact_point_unfit import contact_point_unfit
from services.compliance.rules.dispute_open import dispute_open
from services.compliance.rules.email_procedure import email_procedure
from services.compliance.rules.employer_prohibits import employer_prohibits
from services.compliance.rules.facts_parked import facts_parked
from services.compliance.rules.facts_stale import facts_stale
from services.compliance.rules.findings import Flag, Judgement, Objection, combine
from services.compliance.rules.gate import Gate
from services.compliance.rules.gate_full import gate_full
from services.compliance.rules.inconvenient_place import inconvenient_place
from services.compliance.rules.inconvenient_time import inconvenient_time
from services.compliance.rules.location_unknown import location_unknown
from services.compliance.rules.many_calls_to_person import many_calls_to_person
from services.compliance.rules.message_on_calls import message_on_calls
from services.compliance.rules.nothing_owed import nothing_owed
from services.compliance.rules.opted_out_address import opted_out_address
from services.compliance.rules.opted_out_medium import opted_out_medium
from services.compliance.rules.original_creditor_request import original_creditor_request
from services.compliance.rules.other_debt_after_cease import other_debt_after_cease
from services.compliance.rules.party_unfit import party_unfit
from services.compliance.rules.portal_session import portal_session
from services.compliance.rules.product_type_unknown import product_type_unknown
from services.compliance.rules.request import ContactRequest
from services.compliance.rules.spouse_at_limit import spouse_at_limit
from services.compliance.rules.text_procedure import text_procedure
from services.compliance.rules.wrong_number import wrong_number

Rule = Callable[[ContactRequest, Gate, datetime], Objection | Flag | None]

RULES: tuple[Rule, ...] = (
    facts_stale,
    facts_parked,
    gate_full,
    account_unknown,
    account_not_active,
    account_hold,
    nothing_owed,
    product_type_unknown,
    party_unfit,
    contact_point_unfit,
    wrong_number,
    cease_notice,
    attorney_retained,
    dispute_open,
    original_creditor_request,
    opted_out_medium,
    opted_out_address,
    employer_prohibits,
    inconvenient_place,
    location_unknown,
    permitted_hours.permitted_hours,
    inconvenient_time,
    portal_session,
    email_procedure,
    text_procedure,
    call_frequency,
    call_cooldown,
    call_outcome_unknown,
    many_calls_to_person,
    message_on_calls,
    contact_after_oral_stop,
    other_debt_after_cease,
    spouse_at_limit,
)

PARAMETERS: dict[str, tuple[str, ...]] = {
    "permitted-hours": ("opens_minute", "closes_minute"),
    "call-frequency": ("calls_max", "days", "consent_days"),
    "call-cooldown": ("days",),
    "cease-notice": ("excepted_purposes",),
    "dispute-open": ("answering_purposes",),
    "original-creditor-request": ("answering_purposes",),
    "opted-out-medium": ("required_by_law",),
    "product-type-unknown": ("product_types",),
    "party-unfit": ("about_the_debt", "location_purposes"),
    "email-procedure": ("opt_out_days_min",),
    "text-procedure": ("days",),
    "gate-full": ("slots_max",),
    "many-calls-to-person": ("calls_max", "days"),
    "message-on-calls": ("calls_max", "days"),
}

ITERATIONS_MAX = 64
"""How often `earliest_permitted_at` may be put off before it says there is no such time."""


@lru_cache(maxsize=1024)
def slug(rule: Rule) -> str:
    """Return the rule's stored name: that of its function, in kebab case."""
    return rule.__name__.replace("_", "-")


NEEDED: dict[str, tuple[str, ...]] = {slug(rule): PARAMETERS.get(slug(rule), ()) for rule in RULES}
"""What a pack must say of each rule."""


def judge(
    request: ContactRequest, gate: Gate, at: datetime, rules: tuple[Rule, ...] = RULES
) -> Judgement:
    """Ask every rule in force about a dispatch that begins at `at` or within its slack."""
    objections: list[Objection] = []
    flags: list[Flag] = []
    today = at.date()
    for rule in rules:
        if not gate.pack.in_force(slug(rule), today):
            continue
        match rule(request, gate, at):
            case Objection() as objection:
                objections.append(objection)
            case Flag() as flag:
                flags.append(flag)
    return Judgement(verdict=combine(objections), objections=tuple(objections), flags=tuple(flags))


def earliest_permitted_at(
    request: ContactRequest,
    gate: Gate,
    at: datetime,
    rules: tuple[Rule, ...] = RULES,
    judgement: Judgement | None = None,
) -> datetime | None:
    """Return when every rule would allow if nothing more became known, or None if waiting is vain.

    Each rule says when it alone would next allow, so before the latest of these some rule still
    objects; going there and asking again ends at the first instant that suits them all.
    """
    moment = at
    for _ in range(ITERATIONS_MAX):
        judged = judgement if judgement is not None and moment == at else None
        judged = judged or judge(request, gate, moment, rules)
        if not judged.objections:
            return moment
        nexts = [objection.earliest for objection in judged.objections]
        if any(each is None for each in nexts):
            return None
        later = max(each for each in nexts if each is not None)
        if later <= moment:
            return None
        moment = later
    return None


def lawful_until(request: ContactRequest, gate: Gate, at: datetime) -> datetime:
    """Return when the clock first bars a contact permitted at `at`; a day later at most."""
    bars: list[tuple[ZoneInfo, local_time.Bar]] = [
        (each, permitted_hours.hours(gate)) for each in gate.zones
    ]
    bars += named.named_times(gate)
    return min(
        (
            local_time.clear_until(where, bar, at)
            for where, bar in bars
            if not local_time.is_barred(where, bar, at)
        ),
        default=at + timedelta(days=1),
    )
