"""A validation notice is clear and conspicuous; the model form is, with small changes only."""

from collections.abc import Iterator

from services.compliance.rules import wording
from services.compliance.rules.findings import Finding
from services.compliance.rules.message import Message, NoticeForm
from services.compliance.rules.pack import Terms

CHANGES_KEPT = frozenset(
    {
        "relocated_on_page",
        "several_pages",
        "estate_representative",
        "barcode_or_mailing_marks",
        "logo",
        "optional_disclosures",
        "separate_itemization_page",
        "no_duplicate_mailing_address",
        "electronic_delivery",
        "date_generated",
        "hyperlinks",
        "later_disclosure",
    }
)
"""Changes with which a notice stays substantially similar (12 CFR 1006.34(d)(2)(iii)).

The disclosure for later communications may stand for the initial one (comment 34(d)(2)(i)-1).
"""


def validation_form(terms: Terms, message: Message) -> Iterator[Finding]:
    """Object to a form that is not clear, or to state disclosures where they may not be."""
    form = message.form
    if form is None:
        if message.document == "validation_notice":
            yield terms.finding("flag", "The form of the notice is not described.")
        return
    if form.is_clear_and_conspicuous is False:
        yield terms.finding("require", "The notice is not clear and conspicuous.")
    elif not has_safe_harbor(form) and form.is_clear_and_conspicuous is None:
        yield terms.finding("flag", "Not the model form: whether it is clear, someone must judge.")
    if form.state_disclosures_on == "reverse" and not wording.has(
        terms.names["references"], form.front_reference
    ):
        yield terms.finding("require", "The front does not refer to the disclosures on the back.")
    if form.state_disclosures_on == "below":
        yield from _below(terms, message, form)
    if form.is_disclosure_behind_response:
        yield terms.finding(
            "require", "No disclosure stands directly behind the part that the consumer sends back."
        )
    if form.state_disclosures_on == "front" and not _may_be_on_front(form):
        yield terms.finding(
            "require",
            "On the front belong only time-barred disclosures whose wording the law specifies.",
        )


def has_safe_harbor(form: NoticeForm) -> bool:
    """Tell whether content, form and overshadowing are beyond doubt: Model Form B-1, or nearly."""
    return (
        form.model == "B-1"
        and set(form.changes) <= CHANGES_KEPT
        and not form.is_optional_more_prominent
    )


def _below(terms: Terms, message: Message, form: NoticeForm) -> Iterator[Finding]:
    if message.channel != "email":
        yield terms.finding("require", "Only in the body of an e-mail may they stand below.")
    if not wording.has(terms.names.get("below", ()), form.front_reference):
        yield terms.finding("require", "The notice does not refer to the disclosures below it.")


def _may_be_on_front(form: NoticeForm) -> bool:
    return form.is_debt_expired and form.state_law_specifies_wording
