"""A private message about a debt goes to nobody but the consumer.

A permit names the party that is meant; whom the words themselves are for is said with them.
"""

from collections.abc import Iterator

from services.compliance.rules.content.social_visibility import is_visible
from services.compliance.rules.findings import Finding
from services.compliance.rules.message import Message
from services.compliance.rules.pack import Terms


def social_recipient(terms: Terms, message: Message) -> Iterator[Finding]:
    """Object to what is sent privately to somebody else, unless it is known to be of no debt."""
    if message.social is None or is_visible(message.social.act):
        return
    if message.audience == "third_party" and message.is_about_debt is not False:
        yield terms.finding("deny", "It is about a debt and goes to somebody else.")
