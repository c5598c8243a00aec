"""A prerecorded message names its caller at once, and a telephone number."""

from collections.abc import Iterator

from services.compliance.rules import wording
from services.compliance.rules.findings import Finding
from services.compliance.rules.message import Message
from services.compliance.rules.pack import Terms


def prerecorded_identification(terms: Terms, message: Message) -> Iterator[Finding]:
    """Object to a prerecorded message whose first sentence does not say who calls."""
    if not message.is_prerecorded or not message.text:
        return
    name = " ".join(wording.words(message.business_name))
    first = [each for each in wording.sentences(message) if each.passage.part == "text"][:1]
    if not name or not any(wording.spans([name], each.folded) for each in first):
        yield terms.finding(
            "require",
            "The message does not begin with the name under which the caller is registered.",
            first[0].passage if first else None,
        )
    numbers = [" ".join(wording.words(each)) for each in message.telephone_numbers]
    if not wording.has([each for each in numbers if each], message.text):
        yield terms.finding("require", "The message does not state the caller's telephone number.")
