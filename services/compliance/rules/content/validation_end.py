"""A validation notice states no earlier end of the validation period than the consumer has."""

from collections.abc import Iterator

from services.compliance.rules import validation
from services.compliance.rules.findings import Finding
from services.compliance.rules.message import Message
from services.compliance.rules.pack import Terms


def validation_end(terms: Terms, message: Message) -> Iterator[Finding]:
    """Object to an end before the 30th day after assumed receipt; a later one is always allowed.

    Where the observance of holidays makes the end depend on the reading, an end that only one of
    them allows is looked at.
    """
    notice = message.notice
    if notice is None or notice.provided_on is None or notice.states_end_on is None:
        return
    if notice.states_end_on < validation.period(notice.provided_on, "literal").ends_on:
        yield terms.finding("deny", "The end of the validation period is stated too early.")
    elif notice.states_end_on < validation.safe_period(notice.provided_on).ends_on:
        yield terms.finding("flag", "With holidays as observed, the validation period ends later.")
