"""A translated notice is complete and accurate, and comes with the English one."""

from collections.abc import Iterator

from services.compliance.rules.findings import Finding
from services.compliance.rules.message import Message, NoticeForm
from services.compliance.rules.pack import Terms


def translated_notice(terms: Terms, message: Message) -> Iterator[Finding]:
    """Object to a translation nobody vouches for, and to a Spanish one offered but not supplied."""
    form = message.form
    if form is None:
        return
    if form.translation_by is not None and not is_accurate(form):
        verdict = "deny" if form.is_translation_accurate is False else "require"
        yield terms.finding(
            verdict,  # type: ignore[arg-type]
            "Nothing shows that the translation is complete and accurate.",
        )
    if form.translation_by is not None and form.has_english_copy is False:
        yield terms.finding(
            "require", "The English notice comes in the same communication, or came before."
        )
    if form.offers_spanish and form.supplies_spanish is not True:
        verdict = "deny" if form.supplies_spanish is False else "flag"
        yield terms.finding(
            verdict,  # type: ignore[arg-type]
            "A notice that offers Spanish obliges to supply a Spanish one on request.",
        )


def is_accurate(form: NoticeForm) -> bool:
    """Tell whether a translation counts as complete and accurate: the Bureau's own always do."""
    return form.translation_by == "bureau" or form.is_translation_accurate is True
