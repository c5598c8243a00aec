"""Nothing about a debt where others on a social platform can see it."""

from collections.abc import Iterator

from services.compliance.rules.findings import Finding
from services.compliance.rules.message import Message, SocialAct
from services.compliance.rules.pack import Terms

_VISIBLE: frozenset[SocialAct] = frozenset({"public_post", "post_visible_to_contacts"})


def social_visibility(terms: Terms, message: Message) -> Iterator[Finding]:
    """Object to a post that the public or the person's contacts can see."""
    if message.channel == "social" and message.social is None:
        yield terms.finding("require", "Who can see it on the platform is not said.")
    elif message.social is not None and is_visible(message.social.act):
        yield terms.finding("deny", "The public or the person's contacts can see it.")


def is_visible(act: SocialAct) -> bool:
    """Tell whether others can see it; private messages are subject to the other rules only."""
    return act in _VISIBLE
