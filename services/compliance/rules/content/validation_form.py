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
    }
)
"""Changes with which a notice stays substantially similar (12 CFR 1006.34(d)(2)(iii))."""


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
    return form.model == "B-1" and set(form.changes) <= CHANGES_KEPT


def _may_be_on_front(form: NoticeForm) -> bool:
    return form.is_debt_expired and form.state_law_specifies_wording
