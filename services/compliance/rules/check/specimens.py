"""Messages in good order, from which an example changes what it tells of."""

from services.compliance.rules.book import Book
from services.compliance.rules.message import (
    CallerName,
    LimitedContentElement,
    Message,
    MessageChannel,
    NoticeForm,
    OptOutOffer,
    SocialMedia,
    ValidationNotice,
    Voicemail,
)

LIMITED_CONTENT: tuple[LimitedContentElement, ...] = (
    "business_name",
    "reply_request",
    "contact_name",
    "telephone_number",
)

DISCLOSURES = {
    "en": "This is an attempt to collect a debt. Any information obtained will be used for that"
    " purpose.",
    "es": "Estamos intentando cobrar una deuda. Cualquier informacion obtenida se utilizara para"
    " ese fin.",
}


SUBSEQUENT = "This message is from a debt collector."
OPT_OUT = OptOutOffer(statement="Reply STOP to stop these messages.", is_conspicuous=True)
CALLER = CallerName(is_disclosed=True)


def limited_content() -> Message:
    """Return a limited-content message."""
    return Message(
        channel="voicemail",
        document="limited_content_message",
        voicemail=Voicemail(elements=LIMITED_CONTENT, mailbox_of="consumer"),
    )


def voicemail_about_debt() -> Message:
    """Return a voicemail that conveys information about a debt."""
    return Message(
        channel="voicemail",
        voicemail=Voicemail(elements=(*LIMITED_CONTENT, "other"), mailbox_of="consumer"),
    )


def private_message() -> Message:
    """Return a private message on a social platform that says who writes."""
    return Message(
        channel="social",
        opt_out=OPT_OUT,
        social=SocialMedia(act="private_message", discloses_identity=True),
    )


def notice(book: Book) -> ValidationNotice:
    """Return a complete validation notice on paper."""
    terms = book.federal("validation-fields")
    names = [
        *terms.names["always"],
        *terms.names["if_financial_product"],
        *terms.names["if_electronic"],
    ]
    return ValidationNotice(fields=dict.fromkeys(names, "0"))


def form() -> NoticeForm:
    """Return the model form, unchanged."""
    return NoticeForm(model="B-1", is_clear_and_conspicuous=True)


def holding(book: Book, subject: str, channel: MessageChannel) -> Message:
    """Return a message that holds wording of a forbidden kind, as the packs list it.

    Raises:
        LookupError: no pack lists any.
    """
    for each in book.packs:
        for terms in each.terms:
            if terms.names.get("subject") == (subject,):
                phrase = next(p for p in terms.names["denied"] if not set(p) & set("#?."))
                words = " ".join(token.split("|")[0].rstrip("*") for token in phrase.split())
                return Message(
                    channel=channel,
                    text=f"{words}.",
                    is_about_debt=False,
                    caller=CALLER,
                    opt_out=OPT_OUT,
                )
    raise LookupError(f"no wording is listed as {subject}")
