"""The rules in force, in an explicit tuple, and how a request is judged by all of them.

A rule is a pure function of its terms, the gate and the instant, asked once for each of the
terms that apply: the federal ones, and those of every state and city the person may be in.
Judging never stops at the first no: every objecting rule is named. Adding a rule or a pack can
only make a decision stricter.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeVar, get_args
from zoneinfo import ZoneInfo

from services.compliance.rules import content_rules, exceptions, initial, local_time, validation
from services.compliance.rules.act_gate import ActGate
from services.compliance.rules.act_rules import ACT_OVERLAYS, ACT_PARAMETERS, ACT_RULES
from services.compliance.rules.acts import consent_question
from services.compliance.rules.book import (
    ActRule,
    Book,
    Bound,
    Observed,
    Rule,
    place_in_book,
)
from services.compliance.rules.contact import inconvenient_time as named
from services.compliance.rules.contact import permitted_hours, solicitation_hours
from services.compliance.rules.contact.account_hold import account_hold
from services.compliance.rules.contact.account_not_active import account_not_active
from services.compliance.rules.contact.account_unknown import account_unknown
from services.compliance.rules.contact.address_seen_by_others import address_seen_by_others
from services.compliance.rules.contact.attorney_retained import attorney_retained
from services.compliance.rules.contact.automated_consent import automated_consent
from services.compliance.rules.contact.automated_consent_revoked import automated_consent_revoked
from services.compliance.rules.contact.bankruptcy_codebtor import bankruptcy_codebtor
from services.compliance.rules.contact.bankruptcy_discharge import bankruptcy_discharge
from services.compliance.rules.contact.bankruptcy_stay import bankruptcy_stay
from services.compliance.rules.contact.call_after_statement import call_after_statement
from services.compliance.rules.contact.call_cooldown import call_cooldown
from services.compliance.rules.contact.call_frequency import call_frequency
from services.compliance.rules.contact.call_outcome_unknown import call_outcome_unknown
from services.compliance.rules.contact.calls_concentrated import calls_concentrated
from services.compliance.rules.contact.calls_in_rapid_succession import calls_in_rapid_succession
from services.compliance.rules.contact.cease_notice import cease_notice
from services.compliance.rules.contact.consumer_deceased import consumer_deceased
from services.compliance.rules.contact.contact_after_oral_stop import contact_after_oral_stop
from services.compliance.rules.contact.contact_frequency import Counted, Per, contact_frequency
from services.compliance.rules.contact.contact_point_unfit import contact_point_unfit
from services.compliance.rules.contact.contacts_over_media import contacts_over_media
from services.compliance.rules.contact.content_unfit import content_unfit
from services.compliance.rules.contact.debt_extinguished import debt_extinguished
from services.compliance.rules.contact.disclosure_in_writing import disclosure_in_writing
from services.compliance.rules.contact.disclosures_due import disclosures_due
from services.compliance.rules.contact.dispute_open import dispute_open
from services.compliance.rules.contact.duplicative_notice import duplicative_notice
from services.compliance.rules.contact.email_procedure import email_procedure
from services.compliance.rules.contact.employer_email import employer_email
from services.compliance.rules.contact.employer_prohibits import employer_prohibits
from services.compliance.rules.contact.facts_parked import facts_parked
from services.compliance.rules.contact.facts_stale import facts_stale
from services.compliance.rules.contact.gate_full import gate_full
from services.compliance.rules.contact.identity_theft_notice import identity_theft_notice
from services.compliance.rules.contact.inconvenient_place import inconvenient_place
from services.compliance.rules.contact.inconvenient_time import inconvenient_time
from services.compliance.rules.contact.jurisdiction_unknown import jurisdiction_unknown
from services.compliance.rules.contact.licence_needed import licence_needed
from services.compliance.rules.contact.location_contact import location_contact
from services.compliance.rules.contact.location_unknown import location_unknown
from services.compliance.rules.contact.many_calls_to_person import many_calls_to_person
from services.compliance.rules.contact.message_consent_needed import message_consent_needed
from services.compliance.rules.contact.message_on_calls import message_on_calls
from services.compliance.rules.contact.messages_day_after_day import messages_day_after_day
from services.compliance.rules.contact.nothing_owed import nothing_owed
from services.compliance.rules.contact.notice_before_collection import notice_before_collection
from services.compliance.rules.contact.opted_out_address import opted_out_address
from services.compliance.rules.contact.opted_out_medium import opted_out_medium
from services.compliance.rules.contact.original_creditor_request import original_creditor_request
from services.compliance.rules.contact.other_debt_after_cease import other_debt_after_cease
from services.compliance.rules.contact.party_unfit import party_unfit
from services.compliance.rules.contact.portal_session import portal_session
from services.compliance.rules.contact.prerecorded_residential import prerecorded_residential
from services.compliance.rules.contact.prior_conduct import prior_conduct
from services.compliance.rules.contact.product_type_unknown import product_type_unknown
from services.compliance.rules.contact.reassigned_number import reassigned_number
from services.compliance.rules.contact.revocation_confirmation import revocation_confirmation
from services.compliance.rules.contact.rulebook_stale import rulebook_stale
from services.compliance.rules.contact.social_unchecked import social_unchecked
from services.compliance.rules.contact.spouse_at_limit import spouse_at_limit
from services.compliance.rules.contact.substantiation_pending import substantiation_pending
from services.compliance.rules.contact.text_procedure import text_procedure
from services.compliance.rules.contact.time_barred_disclosure import time_barred_disclosure
from services.compliance.rules.contact.time_barred_notice import time_barred_notice
from services.compliance.rules.contact.validation_due import validation_due
from services.compliance.rules.contact.voicemails_in_rapid_succession import (
    voicemails_in_rapid_succession,
)
from services.compliance.rules.contact.work_contact_last import work_contact_last
from services.compliance.rules.contact.work_contact_stopped import work_contact_stopped
from services.compliance.rules.contact.wrong_number import wrong_number
from services.compliance.rules.facts import Channel, Medium, PriorConsent
from services.compliance.rules.findings import Flag, Judgement, Objection, Observation, combine
from services.compliance.rules.gate import Gate, Known
from services.compliance.rules.limitation import PERIODS
from services.compliance.rules.pack import FEDERAL, Parameters, RulePack, Terms, check_whole
from services.compliance.rules.places import Place
from services.compliance.rules.rebuttal import FACTORS
from services.compliance.rules.relevance import KINDS
from services.compliance.rules.request import ELECTRONIC
from shared.kernel.records import record, replace

R = TypeVar("R")

RULES: tuple[Rule, ...] = (
    rulebook_stale,
    facts_stale,
    facts_parked,
    gate_full,
    account_unknown,
    account_not_active,
    account_hold,
    nothing_owed,
    product_type_unknown,
    party_unfit,
    consumer_deceased,
    location_contact,
    contact_point_unfit,
    content_unfit,
    social_unchecked,
    wrong_number,
    cease_notice,
    attorney_retained,
    bankruptcy_stay,
    bankruptcy_codebtor,
    bankruptcy_discharge,
    debt_extinguished,
    dispute_open,
    duplicative_notice,
    original_creditor_request,
    validation_due,
    substantiation_pending,
    disclosures_due,
    disclosure_in_writing,
    notice_before_collection,
    time_barred_disclosure,
    opted_out_medium,
    opted_out_address,
    employer_prohibits,
    inconvenient_place,
    work_contact_last,
    work_contact_stopped,
    location_unknown,
    jurisdiction_unknown,
    licence_needed,
    permitted_hours.permitted_hours,
    inconvenient_time,
    portal_session,
    solicitation_hours.solicitation_hours,
    email_procedure,
    employer_email,
    text_procedure,
    address_seen_by_others,
    message_consent_needed,
    automated_consent,
    automated_consent_revoked,
    reassigned_number,
    revocation_confirmation,
    prerecorded_residential,
    call_frequency,
    call_cooldown,
    call_outcome_unknown,
    contact_frequency,
    many_calls_to_person,
    message_on_calls,
    contacts_over_media,
    messages_day_after_day,
    calls_concentrated,
    calls_in_rapid_succession,
    voicemails_in_rapid_succession,
    call_after_statement,
    prior_conduct,
    contact_after_oral_stop,
    other_debt_after_cease,
    spouse_at_limit,
    time_barred_notice,
    identity_theft_notice,
)

OVERLAYS: frozenset[str] = ACT_OVERLAYS | {
    "contact-frequency",
    "debt-extinguished",
    "disclosure-in-writing",
    "disclosures-due",
    "licence-needed",
    "message-consent-needed",
    "notice-before-collection",
    "substantiation-pending",
    "time-barred-disclosure",
    "work-contact-last",
    "work-contact-stopped",
}
"""Rules that no federal law gives terms to, only states and cities."""

LATER: frozenset[str] = frozenset({"delinquency-date"})
"""Federal rules that came when books were on record: those judge without them, as they did. None of
them bars anything.
"""

LATER_ON_RECORD: frozenset[str] = LATER | {"social-unchecked"}
"""Those that bar what nobody could ask for when books without them were put on record: such a book
makes its decisions again, and decides nothing new.
"""

_CHANNELS = frozenset(get_args(Channel))
_CONSENT = ("calls_max", "days", "consent_days")
_REBUTTAL = {"rebuttal_purposes": frozenset(FACTORS)}
_TALKED_OF = {"talked_of": frozenset({"raised"})}
_OF_CALLS = {**_REBUTTAL, **_TALKED_OF}
_MEDIUMS = frozenset(get_args(Medium))

PARAMETERS: dict[str, Parameters] = {
    **ACT_PARAMETERS,
    "debt-extinguished": PERIODS,
    "time-barred-notice": replace(
        PERIODS, needed=(), optional=(*PERIODS.needed, *PERIODS.optional, "suit_purposes")
    ),
    "permitted-hours": Parameters(
        needed=("opens_minute", "closes_minute"),
        optional=("channels", "lifted_by"),
        names_of={"channels": _CHANNELS, "lifted_by": frozenset({"person", "court"})},
    ),
    **dict.fromkeys(
        ("inconvenient-time", "inconvenient-place"),
        Parameters(optional=("lifted_by",), names_of={"lifted_by": frozenset({"later_consent"})}),
    ),
    "call-frequency": Parameters(
        needed=_CONSENT, optional=("rebuttal_purposes", "talked_of"), names_of=_OF_CALLS
    ),
    **dict.fromkeys(
        ("call-cooldown", "call-outcome-unknown"),
        Parameters(
            needed=("days", "consent_days"),
            optional=("rebuttal_purposes", "talked_of"),
            names_of=_OF_CALLS,
        ),
    ),
    "spouse-at-limit": Parameters(needed=_CONSENT, optional=("talked_of",), names_of=_TALKED_OF),
    "attorney-retained": Parameters(
        optional=("asks_for", "exempt_purposes"),
        names_of={"asks_for": frozenset({"attorneys_notice"})},
    ),
    "cease-notice": Parameters(needed=("excepted_purposes",), optional=("flagged_purposes",)),
    "dispute-open": Parameters(needed=("answering_purposes",)),
    "duplicative-notice": Parameters(needed=("purposes",)),
    "original-creditor-request": Parameters(needed=("answering_purposes",)),
    "opted-out-medium": Parameters(
        needed=("required_by_law",), optional=("required_by_mail", "flagged_purposes")
    ),
    "account-hold": Parameters(optional=("dispute", "cease", "flagged_purposes")),
    "product-type-unknown": Parameters(needed=("product_types",)),
    "party-unfit": Parameters(
        needed=("about_the_debt", "location_purposes"),
        optional=("judgment_purposes", "flagged_purposes"),
    ),
    "email-procedure": Parameters(needed=("opt_out_days_min",)),
    "employer-email": Parameters(needed=("opt_out_days_min",)),
    "validation-due": Parameters(
        needed=("notice_purposes",),
        optional=("own_contacts", "initial_carries"),
        names_of={"own_contacts": initial.WAYS, "initial_carries": validation.CARRIED},
    ),
    "text-procedure": Parameters(needed=("days",)),
    "gate-full": Parameters(needed=("slots_max",)),
    "many-calls-to-person": Parameters(
        needed=_CONSENT, optional=("talked_of",), names_of=_TALKED_OF
    ),
    "message-on-calls": Parameters(needed=("calls_max", "days")),
    "licence-needed": Parameters(needed=("authorities",)),
    "message-consent-needed": Parameters(
        needed=("channels",),
        optional=("exempt_purposes", "flagged_purposes"),
        names_of={"channels": ELECTRONIC},
    ),
    "notice-before-collection": Parameters(
        needed=("days", "notices", "product_types"),
        optional=("mediums",),
        names_of={"mediums": _MEDIUMS},
    ),
    "time-barred-disclosure": Parameters(
        needed=("channels", "notices"),
        optional=("obsolete_notices", "when", "when_unknown"),
        names_of={
            "channels": _CHANNELS,
            "when": frozenset({"first"}),
            "when_unknown": frozenset({"flag"}),
        },
    ),
    "disclosure-in-writing": Parameters(
        needed=("channels", "notices"),
        optional=("when", "product_types"),
        names_of={"channels": _CHANNELS, "when": frozenset({"first"})},
    ),
    "disclosures-due": Parameters(
        needed=("days", "notices"),
        optional=("own_contacts",),
        names_of={"own_contacts": initial.WAYS},
    ),
    "substantiation-pending": Parameters(needed=("answering_purposes",)),
    "work-contact-last": Parameters(needed=("channels", "days"), names_of={"channels": _CHANNELS}),
    "automated-consent": Parameters(optional=("exempt_purposes", "flagged_purposes")),
    "automated-consent-revoked": Parameters(
        needed=("business_days",),
        optional=("holidays",),
        names_of={"holidays": frozenset({"legal_public"})},
    ),
    "revocation-confirmation": Parameters(needed=("minutes",)),
    "prerecorded-residential": Parameters(needed=("calls_max", "days")),
    "solicitation-hours": Parameters(
        needed=("opens_minute", "closes_minute", "channels", "purposes"),
        names_of={"channels": _CHANNELS},
    ),
    "messages-day-after-day": Parameters(
        needed=("messages_on_date", "days_running", "channels"),
        names_of={"channels": _CHANNELS},
    ),
    "contacts-over-media": Parameters(needed=("contacts_max", "days")),
    "calls-concentrated": Parameters(needed=("calls_on_date",)),
    "calls-in-rapid-succession": Parameters(needed=("minutes", "calls_on_date")),
    "voicemails-in-rapid-succession": Parameters(needed=("minutes", "calls_on_date")),
    "call-after-statement": Parameters(needed=("statements",)),
    "contact-frequency": Parameters(
        needed=("contacts_max", "days", "channels", "per"),
        optional=("places", "counts", "purposes", "exempt_purposes", "talked_of"),
        names_of={
            **_TALKED_OF,
            "channels": _CHANNELS,
            "per": frozenset(get_args(Per)),
            "places": frozenset(get_args(Place)),
            "counts": frozenset(get_args(Counted)),
        },
    ),
}

ITERATIONS_MAX = 64
"""How often `earliest_permitted_at` may be put off before it says there is no such time."""


def slug(rule: Rule | ActRule) -> str:
    """Return the rule's stored name: that of its function, in kebab case."""
    return rule.__name__.replace("_", "-")


_HOURS = slug(permitted_hours.permitted_hours)
_OF_THE_CLOCK = frozenset({_HOURS, slug(solicitation_hours.solicitation_hours)})
_OF_QUESTIONS = frozenset({slug(consent_question.consent_question)})
_NAMES = {slug(rule): rule for rule in RULES}
_ACT_NAMES = {slug(rule): rule for rule in ACT_RULES}
_CONTENT_NAMES = {content_rules.slug(rule): rule for rule in content_rules.RULES}

KNOWN: dict[str, Parameters] = {
    **{name: PARAMETERS.get(name, Parameters()) for name in (*_NAMES, *_ACT_NAMES)},
    **content_rules.KNOWN,
}
"""What a pack may say, by rule: those on contacts, on other acts, and on what is said."""


def bind(
    packs: Sequence[RulePack], observed: Sequence[RulePack] = (), *, is_on_record: bool = False
) -> Book:
    """Bind packs to the rules, federal terms before those of states; those observed apart.

    A book that is on record may lack rules that came later.

    Raises:
        MalformedPack: a federal rule has no terms.
    """
    federal = [each for each in packs if each.jurisdiction == FEDERAL]
    if federal:
        later = LATER_ON_RECORD if is_on_record else LATER
        check_whole(federal, (_NAMES.keys() | _ACT_NAMES.keys()) - OVERLAYS - later)
    # Not as they are given: a book read back from its record asks in the same order.
    in_order = sorted(packs, key=lambda each: (each.jurisdiction != FEDERAL, place_in_book(each)))
    return Book(
        packs,
        _bound(in_order, _NAMES),
        _bound(in_order, _ACT_NAMES),
        _bound(in_order, _CONTENT_NAMES),
        [
            Observed(
                pack=each,
                book=Book(
                    [each],
                    _bound([each], _NAMES),
                    _bound([each], _ACT_NAMES),
                    _bound([each], _CONTENT_NAMES),
                ),
            )
            for each in observed
        ],
    )


def _bound(packs: Iterable[RulePack], rules: Mapping[str, R]) -> list[Bound[R]]:
    order = list(rules)
    bound = [
        Bound(jurisdiction=pack.jurisdiction, terms=terms, rule=rules[terms.rule])
        for pack in packs
        for terms in pack.terms
        if terms.rule in rules
    ]
    return sorted(bound, key=lambda each: order.index(each.terms.rule))


def in_force(gate: Gate, book: Book, at: datetime) -> tuple[Bound[Rule], ...]:
    """Return what is asked about a request at an instant: whatever applies anywhere it may be."""
    return book.contact.applicable(gate.jurisdictions, *_dates(gate, at))


def judge(gate: Gate, book: Book, at: datetime) -> Judgement:
    """Ask every rule in force about a dispatch that begins at `at` or within its slack."""
    asked = relevant(gate, book, at)
    return _judged(gate, [(each.terms, each.rule(each.terms, gate, at)) for each in asked])


def relevant(gate: Gate, book: Book, at: datetime) -> tuple[Bound[Rule], ...]:
    """Return those of the rules in force that can say anything here: the only ones to ask."""
    return book.contact.relevant(
        gate.jurisdictions, _dates(gate, at), KINDS.intersection(gate.kinds), gate.request.channel
    )


def judge_act(gate: ActGate, book: Book, at: datetime) -> Judgement:
    """Ask every rule in force about an act other than a contact, done at `at`."""
    bound = book.acts.applicable(gate.jurisdictions, *_dates(gate, at))
    return _judged(gate, ((each.terms, each.rule(each.terms, gate, at)) for each in bound))


def observe(gate: Gate, book: Book, at: datetime) -> tuple[Observation, ...]:
    """Say what each pack in shadow would add to a decision."""
    return tuple(
        _observation(each, lambda shadow: judge(gate, shadow, at)) for each in book.observed
    )


def observe_act(gate: ActGate, book: Book, at: datetime) -> tuple[Observation, ...]:
    """Say the same of an act other than a contact."""
    return tuple(
        _observation(each, lambda shadow: judge_act(gate, shadow, at)) for each in book.observed
    )


def _observation(observed: Observed, judge_by: Callable[[Book], Judgement]) -> Observation:
    try:
        judged = judge_by(observed.book)
    except Exception as error:  # noqa: BLE001 - what is only watched never reaches a decision
        failed_with = type(error).__name__
        return Observation(pack=observed.pack.label, verdict="review", failed_with=failed_with)
    return Observation(
        pack=observed.pack.label,
        verdict=judged.verdict,
        objections=judged.objections,
        flags=judged.flags,
    )


def earliest_permitted_at(
    gate: Gate, book: Book, at: datetime, judgement: Judgement | None = None
) -> datetime | None:
    """Return when every rule would allow if nothing more became known, or None if waiting is vain.

    Each rule says when it alone would next allow, so before the latest of these some rule still
    objects; going there and asking again ends at the first instant that suits them all.
    """
    last = list(approach(gate, book, at, judgement))[-1]
    return last.at if last.is_permitted else None


def act_permitted_at(
    gate: ActGate, book: Book, at: datetime, judgement: Judgement | None = None
) -> datetime | None:
    """Return the same of an act."""
    last = list(_approach(lambda moment: judge_act(gate, book, moment), at, judgement))[-1]
    return last.at if last.is_permitted else None


@record
class Asked:
    """What was judged on the way to the first instant that suits every rule."""

    at: datetime
    judgement: Judgement

    @property
    def is_permitted(self) -> bool:
        """Tell whether no rule objects."""
        return not self.judgement.objections


def approach(
    gate: Gate, book: Book, at: datetime, judgement: Judgement | None = None
) -> Iterator[Asked]:
    """Yield the instants asked, from `at` to the first permitted one, if waiting leads there."""
    return _approach(lambda moment: judge(gate, book, moment), at, judgement)


def _approach(
    judged_at: Callable[[datetime], Judgement], at: datetime, judgement: Judgement | None
) -> Iterator[Asked]:
    moment = at
    for _ in range(ITERATIONS_MAX):
        judged = judgement if judgement is not None and moment == at else None
        asked = Asked(at=moment, judgement=judged or judged_at(moment))
        yield asked
        nexts = [objection.earliest for objection in asked.judgement.objections]
        if asked.is_permitted or any(each is None for each in nexts):
            return
        later = max(each for each in nexts if each is not None)
        if later <= moment:
            return
        moment = later


def _judged(gate: Known[Any], said: Iterable[tuple[Terms, Objection | Flag | None]]) -> Judgement:
    objections: list[Objection] = []
    flags: list[Flag] = []
    for terms, finding in said:
        if finding is None:
            continue
        if isinstance(finding, Objection):
            objections.append(_until_repealed(finding, terms, gate))
        else:
            flags.append(finding)
    return Judgement(verdict=combine(objections), objections=tuple(objections), flags=tuple(flags))


def _dates(gate: Known[Any], at: datetime) -> tuple[date, date]:
    return gate.once(("dates", at), lambda: _local_dates(gate, at))


def _local_dates(gate: Known[Any], at: datetime) -> tuple[date, date]:
    days = [local_time.local_date(each, at) for each in gate.counting_zones]
    return min(days), max(days)


def lawful_until(gate: Gate, book: Book, at: datetime) -> datetime:
    """Return when the clock first bars a contact permitted at `at`, or what lifts a bar ends; a day
    later at most.
    """
    consents = tuple(exceptions.consents_in_force(gate, at))
    return exceptions.lawful_until(_bars(gate, book, at, consents), consents, at)


def act_lawful_until(gate: ActGate, book: Book, at: datetime) -> datetime:
    """Return the same of an act: only questions of consent go by the clock."""
    asked = book.acts.among(_OF_QUESTIONS, gate.jurisdictions, _dates(gate, at))
    return min(
        (consent_question.lawful_until(each.terms, gate, at) for each in asked),
        default=at + timedelta(days=1),
    )


def _bars(
    gate: Gate, book: Book, at: datetime, consents: Iterable[PriorConsent]
) -> Iterable[tuple[ZoneInfo, local_time.Bar]]:
    yield from named.named_times(gate, consents)
    for each in book.contact.among(_OF_THE_CLOCK, gate.jurisdictions, _dates(gate, at)):
        if each.terms.rule == _HOURS or (
            solicitation_hours.applies(each.terms, gate.request.purpose)
        ):
            yield from permitted_hours.bars(each.terms, gate, at)


def _until_repealed(objection: Objection, terms: Terms, gate: Known[Any]) -> Objection:
    """Let an objection end where its law does."""
    if terms.effective_until is None:
        return objection
    day = terms.effective_until
    ends = max(local_time.first_instant(each, day) for each in gate.counting_zones)
    if objection.earliest is not None and objection.earliest <= ends:
        return objection
    return replace(objection, earliest=ends)
