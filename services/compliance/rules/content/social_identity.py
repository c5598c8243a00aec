"""On a social platform the collector says who it is, above all when it asks to be a contact.

Who is asked for location information is told the individual's name alone (12 CFR 1006.10(b)(1),
comment 18(d)-1.ii): the profile must be true, and a debt collector is not announced.
"""

from collections.abc import Iterator

from services.compliance.rules.findings import Finding
from services.compliance.rules.message import Message
from services.compliance.rules.pack import Terms


def social_identity(terms: Terms, message: Message) -> Iterator[Finding]:
    """Object to a contact request or private message that hides who sends it."""
    social = message.social
    if social is None:
        return
    if social.is_profile_false:
        yield terms.finding("deny", "The profile shows somebody that the collector is not.")
    if message.audience == "third_party" and message.is_about_debt is False:
        return  # asked where someone is, a person is told a name, and no more unless they ask
    if social.act not in ("contact_request", "private_message"):
        return
    if social.discloses_identity is False:
        yield terms.finding("deny", "It does not disclose that a debt collector sends it.")
    elif social.discloses_identity is None:
        verdict = "require" if social.act == "contact_request" else "flag"
        yield terms.finding(
            verdict,  # type: ignore[arg-type]
            "Nothing says whether it discloses that a debt collector sends it.",
        )
