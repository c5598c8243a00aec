"""Who is asked where a consumer is found is told what for, and of no debt.

That location information is confirmed or corrected is said; whom the person works for who asks,
only if expressly asked (12 CFR 1006.10(b)(1)-(2)).
"""

from collections.abc import Iterator

from services.compliance.rules import wording
from services.compliance.rules.findings import Finding
from services.compliance.rules.message import Message
from services.compliance.rules.pack import Terms

_UNSAID = "It does not say that location information is confirmed or corrected."


def location_request(terms: Terms, message: Message) -> Iterator[Finding]:
    """Object to a request for location information that says more, or less, than it may."""
    asked = message.location
    if asked is None:
        return
    name = " ".join(wording.words(message.business_name))
    is_named = asked.names_employer or (bool(name) and wording.has([name], message.text))
    if is_named and not asked.is_employer_asked_for:
        yield terms.finding(
            "deny", "It names the employer of who asks, which nobody expressly asked for."
        )
    if asked.states_debt:
        yield terms.finding("deny", "It tells somebody else that the consumer owes a debt.")
    if asked.says_confirming is False:
        yield terms.finding("deny", _UNSAID)
    elif asked.says_confirming is None and message.text:
        if not wording.has(terms.names["confirming"], message.text):
            yield terms.finding("require", _UNSAID)
