"""A limited-content message holds its four elements, perhaps four more, and nothing else."""

from collections.abc import Iterator

from services.compliance.rules import wording
from services.compliance.rules.findings import Finding
from services.compliance.rules.message import LimitedContentElement, Message
from services.compliance.rules.pack import Terms

REQUIRED: frozenset[LimitedContentElement] = frozenset(
    {"business_name", "reply_request", "contact_name", "telephone_number"}
)
OPTIONAL: frozenset[LimitedContentElement] = frozenset(
    {"salutation", "date_and_time", "suggested_reply_times", "any_representative"}
)
_CONNECTING = "connecting"


def limited_content_message(terms: Terms, message: Message) -> Iterator[Finding]:
    """Object to a message meant as a limited-content one that is not exactly that."""
    if message.document != "limited_content_message" or is_limited_content(terms, message):
        return
    wrong = []
    if message.channel != "voicemail":
        wrong.append("it is no voicemail")
    if _mailbox_of(message) != "consumer":
        wrong.append("it is not known to be left for the consumer")
    said = elements(terms, message)
    wrong += [f"it lacks the {_plain(each)}" for each in sorted(REQUIRED - set(said))]
    wrong += [f"it holds more: {_plain(each)}" for each in said if each not in REQUIRED | OPTIONAL]
    yield terms.finding("require", f"This is no limited-content message: {'; '.join(wrong)}.")


def is_limited_content(terms: Terms, message: Message) -> bool:
    """Tell whether a message is one exactly (12 CFR 1006.2(j)); another medium never is."""
    if message.channel != "voicemail" or _mailbox_of(message) != "consumer":
        return False
    said = set(elements(terms, message))
    return said >= REQUIRED and said <= REQUIRED | OPTIONAL


def elements(terms: Terms, message: Message) -> tuple[LimitedContentElement, ...]:
    """Return what a voicemail says, as told and as read; whatever is not understood is `other`."""
    told = message.voicemail.elements if message.voicemail else ()
    read = _read(terms, message) if message.text else ()
    return tuple(_revealed(terms, message, each) for each in dict.fromkeys((*told, *read)))


def _mailbox_of(message: Message) -> str:
    if message.voicemail is None:
        return message.audience
    # Knowing of either that it is a third party's is knowing (comment 2(j)-2).
    return message.voicemail.mailbox_of if message.audience == "consumer" else message.audience


def _revealed(
    terms: Terms, message: Message, element: LimitedContentElement
) -> LimitedContentElement:
    if element == "business_name" and wording.has(terms.names["revealing"], message.business_name):
        return "business_name_revealing_collection"
    return element


def _read(terms: Terms, message: Message) -> tuple[LimitedContentElement, ...]:
    known: dict[str, tuple[str, ...]] = {
        "business_name": (message.business_name,) if message.business_name else (),
        "contact_name": message.contact_names,
        "telephone_number": message.telephone_numbers,
        **{
            name: terms.names[name]
            for name in ("reply_request", *sorted(OPTIONAL), _CONNECTING)
        },
    }  # fmt: skip
    folded = wording.plain(message.text)
    taken = [
        (span.start, span.end, name)
        for name, phrases in known.items()
        for span in wording.spans(
            [" ".join(wording.words(each)) if name not in terms.names else each
             for each in phrases],
            folded,
        )
    ]  # fmt: skip
    found: list[LimitedContentElement] = []
    for start, end in wording.word_places(folded):
        covering = [each for each in taken if each[0] <= start and end <= each[1]]
        if not covering:
            found.append("other")
            continue
        longest = max(covering, key=lambda each: (each[1] - each[0], each[2] != _CONNECTING))
        if longest[2] != _CONNECTING:
            found.append(longest[2])  # type: ignore[arg-type]
    return tuple(dict.fromkeys(found))


def _plain(element: str) -> str:
    return element.replace("_", " ")
