"""Whoever calls says who is calling; only a limited-content message may leave the business out."""

from collections.abc import Iterator

from services.compliance.rules import wording
from services.compliance.rules.findings import Finding
from services.compliance.rules.message import Message
from services.compliance.rules.pack import Terms


def caller_identity(terms: Terms, message: Message) -> Iterator[Finding]:
    """Object to a call whose script does not disclose the caller's identity."""
    if message.channel not in ("call", "voicemail"):
        return
    if message.document == "limited_content_message":
        return  # it discloses enough if it is exactly that (comment 2(j)-3), which is its own rule
    is_disclosed = message.caller.is_disclosed if message.caller else None
    if is_disclosed is False:
        yield terms.finding("deny", "The caller's identity is not disclosed.")
    elif is_disclosed is None and message.is_said and not _says_who(message):
        yield terms.finding(
            "require",
            "The script does not name the caller and the business it calls for, as far as they"
            " were given.",
        )


def _says_who(message: Message) -> bool:
    names = [" ".join(wording.words(each)) for each in _names(message)]
    return wording.has([each for each in names if each], message.text)


def _names(message: Message) -> tuple[str, ...]:
    # To a third party the employer is named only if expressly asked for (12 CFR 1006.10(b)(1)).
    return message.contact_names if message.audience == "third_party" else (message.business_name,)
