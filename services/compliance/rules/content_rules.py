"""The rules on what a message says, in an explicit tuple, and how a message is judged by them."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from services.compliance.rules import definitions
from services.compliance.rules.book import Book, Bound, ContentRule
from services.compliance.rules.content.associated_names import KINDS, associated_names
from services.compliance.rules.content.assumed_name import assumed_name
from services.compliance.rules.content.attorney_identity import attorney_identity
from services.compliance.rules.content.caller_identity import caller_identity
from services.compliance.rules.content.consumer_debt import consumer_debt
from services.compliance.rules.content.consumer_name import consumer_name
from services.compliance.rules.content.debt_collector_disclosure import (
    debt_collector_disclosure,
    disclosures,
)
from services.compliance.rules.content.electronic_consent import electronic_consent
from services.compliance.rules.content.envelope_marks import envelope_marks
from services.compliance.rules.content.expired_debt_threat import expired_debt_threat
from services.compliance.rules.content.forbidden_wording import SUBJECTS, forbidden_wording
from services.compliance.rules.content.itemization_date import itemization_date
from services.compliance.rules.content.language_unread import language_unread
from services.compliance.rules.content.limited_content_message import (
    is_limited_content,
    limited_content_message,
)
from services.compliance.rules.content.location_request import location_request
from services.compliance.rules.content.opt_out_statement import has_statement, opt_out_statement
from services.compliance.rules.content.overshadowing import overshadowing
from services.compliance.rules.content.postcard import postcard
from services.compliance.rules.content.prerecorded_identification import (
    prerecorded_identification,
)
from services.compliance.rules.content.remedy_threat import remedy_threat
from services.compliance.rules.content.sending_standard import sending_standard
from services.compliance.rules.content.social_identity import social_identity
from services.compliance.rules.content.social_recipient import social_recipient
from services.compliance.rules.content.social_visibility import social_visibility
from services.compliance.rules.content.translated_notice import translated_notice
from services.compliance.rules.content.validation_amounts import validation_amounts
from services.compliance.rules.content.validation_end import validation_end
from services.compliance.rules.content.validation_fields import validation_fields
from services.compliance.rules.content.validation_form import validation_form
from services.compliance.rules.findings import ContentVerdict, Finding, worst
from services.compliance.rules.message import Message
from services.compliance.rules.pack import FEDERAL, MalformedPack, Parameters, Terms
from shared.kernel.records import record

RULES: tuple[ContentRule, ...] = (
    consumer_debt,
    language_unread,
    limited_content_message,
    debt_collector_disclosure,
    caller_identity,
    assumed_name,
    prerecorded_identification,
    opt_out_statement,
    forbidden_wording,
    attorney_identity,
    remedy_threat,
    expired_debt_threat,
    overshadowing,
    postcard,
    envelope_marks,
    social_visibility,
    social_identity,
    social_recipient,
    location_request,
    validation_fields,
    validation_amounts,
    validation_end,
    consumer_name,
    associated_names,
    validation_form,
    translated_notice,
    itemization_date,
    sending_standard,
    electronic_consent,
)

_DISCLOSURES = ("attempt", "use", "collector")

_EXACT = (
    "revealing", "reply_request", "salutation", "date_and_time", "suggested_reply_times",
    "any_representative", "connecting",
)  # fmt: skip
_SAID = tuple(f"{part}_en" for part in _DISCLOSURES)
_SAID_ELSEWHERE = tuple(f"{part}_es" for part in _DISCLOSURES)
_THREATS = ("threats", "excused")
_REMEDIES = frozenset({"suit", "seizure"})

PARAMETERS: Mapping[str, Parameters] = {
    "consumer-debt": Parameters(needed=("obligors", "purposes")),
    "language-unread": Parameters(needed=("languages",)),
    "limited-content-message": Parameters(needed=_EXACT, phrases=_EXACT),
    "debt-collector-disclosure": Parameters(
        needed=_SAID, optional=_SAID_ELSEWHERE, phrases=(*_SAID, *_SAID_ELSEWHERE)
    ),
    "opt-out-statement": Parameters(
        needed=("methods", "demanding", "may_ask_for"),
        optional=("excused",),
        phrases=("methods", "demanding", "excused"),
    ),
    "forbidden-wording": Parameters(
        needed=("subject",),
        optional=("denied", "doubtful", "excused"),
        names_of={"subject": frozenset(SUBJECTS)},
        phrases=("denied", "doubtful", "excused"),
    ),
    "attorney-identity": Parameters(
        needed=("denied",), optional=("excused",), phrases=("denied", "excused")
    ),
    "remedy-threat": Parameters(
        needed=("remedy", "threats"),
        optional=("excused",),
        names_of={"remedy": _REMEDIES},
        phrases=_THREATS,
    ),
    "expired-debt-threat": Parameters(
        needed=("threats",), optional=("excused",), phrases=_THREATS
    ),
    "overshadowing": Parameters(
        needed=("denied", "doubtful"),
        optional=("excused",),
        phrases=("denied", "doubtful", "excused"),
    ),
    "envelope-marks": Parameters(
        needed=("revealing", "allowed"), phrases=("revealing", "allowed")
    ),
    "validation-fields": Parameters(
        needed=(
            "always", "if_financial_product", "if_electronic", "itemization",
            "replaced_by_statement",
        )
    ),
    "associated-names": Parameters(needed=KINDS),
    "validation-form": Parameters(
        needed=("references",), optional=("below",), phrases=("references", "below")
    ),
    "location-request": Parameters(needed=("confirming",), phrases=("confirming",)),
    "itemization-date": Parameters(needed=("choices",)),
    "electronic-consent": Parameters(needed=("documents",)),
}  # fmt: skip

_DAY = timedelta(days=1)  # local dates differ by no more, and a message goes out anywhere


@record
class ContentJudgement:
    """All that the rules said of one message, and what it is."""

    verdict: ContentVerdict
    findings: tuple[Finding, ...]
    disclosures: tuple[str, ...]
    is_limited_content: bool
    is_communication: bool
    may_be_initial: bool


def slug(rule: ContentRule) -> str:
    """Return the rule's stored name: that of its function, in kebab case."""
    return rule.__name__.replace("_", "-")


KNOWN: dict[str, Parameters] = {
    slug(rule): PARAMETERS.get(slug(rule), Parameters()) for rule in RULES
}
"""What a pack may say, by rule."""


def judge(message: Message, book: Book, at: datetime) -> ContentJudgement:
    """Ask every rule in force about a message that is to be sent from `at` on.

    Raises:
        MalformedPack: a federal rule has no terms, so that nothing would judge by it.
    """
    for name in KNOWN:
        if book.content.federal(name) is None:
            raise MalformedPack(f"no federal terms for the rule {name}")
    bound = book.content.applicable(
        frozenset({FEDERAL, *message.states}), (at - _DAY).date(), (at + _DAY).date()
    )
    findings = [finding for each in bound for finding in each.rule(each.terms, message)]
    limited = _terms("limited-content-message", book, bound)
    return ContentJudgement(
        verdict=worst(findings),
        findings=tuple(dict.fromkeys(findings)),
        disclosures=_disclosures(message, book, bound),
        is_limited_content=all(is_limited_content(each, message) for each in limited),
        is_communication=any(definitions.is_communication(each, message) for each in limited),
        may_be_initial=any(definitions.may_be_initial(each, message) for each in limited),
    )


def _terms(rule: str, book: Book, bound: Iterable[Bound[ContentRule]]) -> list[Terms]:
    """Return the terms by which a message is what it is: it must be that by all of them."""
    return [each.terms for each in bound if each.terms.rule == rule] or [book.federal(rule)]


def _disclosures(
    message: Message, book: Book, bound: Iterable[Bound[ContentRule]]
) -> tuple[str, ...]:
    language = message.language[:2]
    made = (
        disclosures(each, message, language)
        for each in _terms("debt-collector-disclosure", book, bound)
    )
    found = {f"debt_collector_{each}" for each in frozenset.intersection(*made)}
    if all(has_statement(each, message) for each in _terms("opt-out-statement", book, bound)):
        found.add("opt_out")
    return tuple(sorted(found))
