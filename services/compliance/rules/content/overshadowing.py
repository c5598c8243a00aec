"""While a debt may be disputed, nothing said makes light of that."""

from collections.abc import Iterator

from services.compliance.rules import wording
from services.compliance.rules.content.validation_form import has_safe_harbor
from services.compliance.rules.findings import Finding
from services.compliance.rules.message import Message
from services.compliance.rules.pack import Terms


def overshadowing(terms: Terms, message: Message) -> Iterator[Finding]:
    """Object to demands that leave no time to dispute; where it may be too late for that, doubt.

    The model form's own words are beyond doubt (12 CFR 1006.34(d)(2)).
    """
    if message.is_validation_period_open is False:
        return
    if message.document == "validation_notice" and message.form and has_safe_harbor(message.form):
        return
    is_open = message.is_validation_period_open is True
    excused = terms.names.get("excused", ())
    denied = list(wording.said(message, terms.names["denied"], excused))
    for each in denied:
        yield terms.finding(
            "deny" if is_open else "flag",
            "It demands what does not go with the right to dispute within the validation period.",
            each.passage,
        )
    for each in wording.said(message, terms.names["doubtful"], excused):
        if each not in denied:
            yield terms.finding(
                "flag",
                "It presses during the time in which the debt may be disputed.",
                each.passage,
            )
