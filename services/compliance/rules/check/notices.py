"""Reads what an example tells of a validation notice, its form, and how it is sent."""

from collections.abc import Callable
from datetime import date
from typing import Any

from services.compliance.rules import message as parts
from services.compliance.rules.book import Book
from services.compliance.rules.check import associated, moments, specimens, vocabulary
from services.compliance.rules.check.said import Said
from services.compliance.rules.content import validation_form
from services.compliance.rules.message import Message
from shared.kernel.records import replace

_ABSENT = ("none", "missing", "absent", "omitted", "false")
_AMOUNTS = ("interest", "fees", "payments", "credits")


def notice_of(told: dict[str, Any], said: Said, book: Book) -> Message:
    """Return a complete notice, with what the example tells changed."""
    notice = specimens.notice(book)
    notice = replace(
        notice,
        fields=_fields(dict(notice.fields), told),
        is_electronic=bool(said.tells("electronic") or said.tells("sent", "email")),
        is_financial_product=said.tells("financial"),
        is_account_number_recognizable=said.tells("recogni") is not False,
        is_collector_name_used_in_business=not said.mentions("fictitious", "fake", "invented"),
        accepts_disputes_at_address=not (
            said.tells("accepts", "there") is False or said.tells("accept", "address") is False
            or said.tells("disputes", "accepted") is False or said.tells("receives") is False
        ),
        dispute_media_accepted=_listed(said.find("accepts")),
        dispute_media_listed=_listed(said.find("lists")),
        debts_combined=int(said.find("combined") or 1) if not said.tells("x") else 1,
        itemization_of_other_law=_itemizes_by_other_law(said),
        provided_on=_day(said, lambda words: bool(_PROVIDED & words)),
        states_end_on=stated_end(said),
    )  # fmt: skip
    if _is_of_other_law(said) and _is_unlike(said):
        kept = {name: text for name, text in notice.fields.items() if name not in _AMOUNTS}
        notice = replace(notice, fields=kept)
    return Message(
        channel="email" if notice.is_electronic else "letter",
        document="validation_notice",
        notice=_with_pages(_with_name(notice, told), said),
        form=specimens.form(),
    )


_STATED = frozenset({"printed", "stated", "states", "shown", "shows", "prints", "says"})

_PROVIDED = frozenset({"provided", "sent", "mailed", "emailed"})


def stated_end(said: Said) -> date | None:
    """Return the end of the validation period that a notice states, where an example tells it."""
    return _day(said, lambda words: bool({"end", "ends"} & words and _STATED & words))


def _day(said: Said, is_meant: Callable[[set[str]], bool]) -> date | None:
    days = (moments.dates_of(each.value) for each in said.entries if is_meant(set(each.words)))
    return next((each[-1] for each in days if each), None)


def _itemizes_by_other_law(said: Said) -> bool:
    """Tell whether the itemization is one of another law, and as good as the notice's own."""
    if _is_unlike(said):
        return False
    return bool(said.tells("substantially", "similar")) or _is_of_other_law(said)


_LAWS = frozenset({"law", "laws", "statute", "statutory"})
_NOT_THIS = frozenset({"other", "another", "state", "different", "applicable", "local", "some"})


def _is_of_other_law(said: Said) -> bool:
    """Tell whether an example is of what another law than this one asks for."""
    return any(
        words & _LAWS and words & _NOT_THIS
        for each in said.entries
        if each.value not in (False, None) or "similar" in each.words
        for words in [{*each.words, *vocabulary.words(each.value)}]
    )


def _is_unlike(said: Said) -> bool:
    """Tell whether what stands in for a part of the model form is said to be unlike it."""
    is_unlike = said.tells("similar") is False or _is_denied(said, "similar")
    return is_unlike or bool(said.tells("dissimilar") or said.tells("differ"))


def _listed(value: Any) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(map(str, value))
    return (value,) if isinstance(value, str) else ()


def _fields(fields: dict[str, str], told: dict[str, Any]) -> dict[str, str]:
    for key, value in told.items():
        words = set(vocabulary.words(key))
        if isinstance(value, dict) and words & {"itemization", "fields", "notice"}:
            if set(value) & set(_AMOUNTS):
                fields = {name: text for name, text in fields.items() if name not in _AMOUNTS}
            fields = _with_values(fields, value)
        elif words & {"omits", "omitted", "missing", "lacks", "without"}:
            for each in value if isinstance(value, list) else [value]:
                gone = _field_named(fields, each)
                fields = {name: text for name, text in fields.items() if name not in gone}
        elif value is False:
            gone = _field_named(fields, " ".join(words - _VERBS))
            fields = {name: text for name, text in fields.items() if name not in gone}
        elif words & {"shown", "shows", "amount"} and isinstance(value, str):
            if not _is_whole_amount(value):
                fields = {name: text for name, text in fields.items() if name != _NOW}
        elif str(key) in fields and (value is None or isinstance(value, str | int | float)):
            fields[str(key)] = _text(value)
    return fields


def _with_values(fields: dict[str, str], told: dict[str, Any]) -> dict[str, str]:
    """Return the fields with what stands in some of them; "none" is an amount, and else a gap."""
    for name, each in told.items():
        if str(each).lower() in _ABSENT and name not in _AMOUNTS:
            gone = _field_named(fields, name)
            fields = {known: text for known, text in fields.items() if known not in gone}
        else:
            fields = fields | {str(name): _text(each)}
    return fields


_NOW = "current_amount"


def _is_whole_amount(shown: str) -> bool:
    """Tell whether what is shown is the whole of what is owed, or nothing of an amount at all."""
    words = set(vocabulary.words(shown))
    if not words & {"amount", "amounts", "balance", "due", "installment", "installments"}:
        return True
    return bool(words & {"total", "whole", "full", "current", "balance"}) and not words & {
        "past", "overdue", "only", "monthly"
    }  # fmt: skip


_VERBS = {"notice", "states", "includes", "included", "shows", "contains", "has", "lists", "option",
          "discloses", "provided", "given"}  # fmt: skip


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _field_named(fields: dict[str, str], said: Any) -> set[str]:
    words = set(vocabulary.words(said)) - {"the", "of", "a", "on", "date", "statement"}
    whole = {name for name in fields if set(vocabulary.words(name)) == set(vocabulary.words(said))}
    return whole or {name for name in fields if words and words <= set(vocabulary.words(name))}


def _with_name(notice: parts.ValidationNotice, told: dict[str, Any]) -> parts.ValidationNotice:
    known: dict[str, Any] = next(
        (
            value
            for value in told.values()
            if isinstance(value, dict) and {"first", "last"} & {str(key) for key in value}
        ),
        {},
    )
    if not known:
        return notice
    shown = next(
        (
            str(value)
            for key, value in told.items()
            if isinstance(value, str)
            and {"shows", "shown", "name", "notice"} & set(vocabulary.words(key))
        ),
        "",
    )
    words = vocabulary.words(shown)
    return replace(
        notice,
        name_parts_known=tuple(str(key) for key, value in known.items() if value),
        name_parts_shown=tuple(
            str(key)
            for key, value in known.items()
            if value and all(word in words for word in vocabulary.words(value))
        ),
    )


def _with_pages(notice: parts.ValidationNotice, said: Said) -> parts.ValidationNotice:
    is_same = said.tells("same", "communication") is not False and not said.tells(
        "separate", "communication"
    )
    references = [
        each.value is not False
        for each in said.entries
        if any(word.startswith("refer") for word in each.words)
    ]
    is_referred_to = all(references)
    if said.mentions("mortgage"):
        is_required = said.tells("required") is not False
        is_recent = said.tells("recent") is not False and said.tells("enclosed") is not False
        without = {"itemization_date", "amount_on_itemization_date", *_AMOUNTS}
        return replace(
            notice,
            fields={name: text for name, text in notice.fields.items() if name not in without},
            mortgage_statement=parts.MortgageStatement(
                is_required_by_law=is_required,
                is_most_recent=is_recent,
                is_in_same_communication=is_same,
                is_referred_to=is_referred_to,
            ),
        )
    if said.tells("separate"):
        return on_separate_page(notice, is_same=is_same, is_referred_to=is_referred_to)
    return notice


def on_separate_page(
    notice: parts.ValidationNotice, *, is_same: bool, is_referred_to: bool
) -> parts.ValidationNotice:
    """Return a notice whose itemization is on a page of its own."""
    return replace(
        notice,
        fields={name: text for name, text in notice.fields.items() if name not in _AMOUNTS},
        itemization_page=parts.SeparatePage(
            is_in_same_communication=is_same, is_referred_to=is_referred_to
        ),
    )


_CHANGES = (
    (("relocat", "mov", "position"), "relocated_on_page"),
    (("page", "pages"), "several_pages"),
    (("estate", "deceased", "liab"), "estate_representative"),
    (("barcode", "barcodes", "qr", "mail"), "barcode_or_mailing_marks"),
    (("logo",), "logo"),
    (("date", "generated"), "date_generated"),
    (("hyperlink", "link", "links", "embed"), "hyperlinks"),
    (("optional",), "optional_disclosures"),
)


_REFERENCE = "See the reverse side for important information"
"""What a front says of which an example only says that it refers to the back."""

_REFERENCE_BELOW = "See below for important information"

_CLEAR = ("clear", "conspicuous", "legible", "noticeable", "understandable", "readable")


def form_of(told: dict[str, Any], said: Said, book: Book) -> Message:
    """Return the form of a notice: the model, with what the example tells of."""
    placed = set(
        vocabulary.words(said.find("placed") or said.find("location") or said.find("state", "disc"))
    )
    on: Any = None
    if {"below", "beneath", "after"} & placed and not {"front", "amount"} & placed:
        on = "below"
    elif "front" in placed or said.tells("disclosure", "front"):
        on = "front"
    elif {"reverse", "back"} & placed or said.tells("reverse") or said.tells("back"):
        on = "reverse"
    reference = (
        said.find("front", "statement") or said.find("reference") or said.find("front") or ""
    )
    if on == "below" and not said.has("refer") and not said.has("front"):
        reference = _REFERENCE_BELOW
    changes = said.find("change") or said.find("modif") or []
    changes = changes if isinstance(changes, list) else [changes]
    changes = [each for each in changes if str(each).lower() != "none"]
    changes += _later_disclosure(said)
    form = replace(
        specimens.form(),
        changes=tuple(change_of(str(each)) for each in changes),
        state_disclosures_on=on,
        front_reference=reference
        if isinstance(reference, str)
        else _REFERENCE * bool(said.tells("refer")),
        state_law_specifies_wording=bool(said.tells("specif")),
        is_debt_expired=said.mentions("barred", "expired"),
        is_disclosure_behind_response=_is_behind_response(said),
        is_optional_more_prominent=_is_optional_prominent(said),
        is_clear_and_conspicuous=all(said.tells(each) is not False for each in _CLEAR),
        model="other" if _is_own_form(said) else "B-1",
        translation_by=_translator(said),
        is_translation_accurate=True if said.mentions("accurate") else said.tells("accurate"),
        has_english_copy=_has_english(said),
        offers_spanish=_prompts_spanish(said),
        supplies_spanish=said.tells("provid", "spanish") is not False,
    )  # fmt: skip
    return Message(
        channel="email" if on == "below" and said.mentions("email") else "letter",
        document="validation_notice",
        notice=replace(specimens.notice(book), associated_names=associated.names_of(told)),
        form=form,
    )


def _later_disclosure(said: Said) -> list[str]:
    """Return the change of disclosure that a notice sent after the first communication may have."""
    replaced = said.find("replac", without=("from", "old", "former"))
    if replaced is None or not said.has("disclosure", "replac"):
        return []
    words = set(vocabulary.words(replaced))
    is_later = bool(words & {"subsequent", "later", "18e2"})
    initial, sent = said.find("initial", "communication"), said.find("sent")
    if moments.dates_of(initial) and moments.dates_of(sent):
        is_after = str(initial)[:10] < str(sent)[:10]
    else:
        is_after = not _is_in_initial(said)
    return ["later_disclosure" if is_later and is_after else f"replaced {replaced}"]


def _is_behind_response(said: Said) -> bool:
    """Tell whether disclosures are on the back of what the consumer tears off; "not behind" not."""
    return bool(said.tells("behind") or said.tells("back", "response")) or any(
        {"behind", "response"} <= set(words) and not {"not", "away"} & set(words)
        for each in said.entries
        if isinstance(each.value, str) and (words := vocabulary.words(each.value))
    )


def _prompts_spanish(said: Said) -> bool:
    """Tell whether a notice offers a Spanish one; that a consumer asked for one is no offer."""
    return any(
        each.value not in (False, None, "none")
        and any(word.startswith("spanish") for word in each.words)
        and any(word.startswith(("prompt", "offer", "disclosure", "request", "option"))
                for word in each.words)
        and not {"consumer", "requests", "requested", "asks"} & set(each.words)
        for each in said.entries
    )  # fmt: skip


def _has_english(said: Said) -> bool | None:
    """Tell whether the English notice comes along or came before; None where nothing is said."""
    told = [each.value for each in said.entries if any(w.startswith("english") for w in each.words)]
    return any(each not in (False, "none", "no") for each in told) if told else None


def _is_optional_prominent(said: Said) -> bool:
    """Tell whether optional disclosures stand out more than what is required."""
    return said.tells("more", "prominent") is True or any(
        {"more", "prominent"} <= set(words) and not {"no", "not"} & set(words)
        for each in said.entries
        if isinstance(each.value, str) and (words := vocabulary.words(each.value))
    )


def _is_denied(said: Said, beginning: str) -> bool:
    """Tell whether a value says that something is not so: "not substantially similar"."""
    return any(
        {"not", "no", "dis", "un"} & set(words) and any(w.startswith(beginning) for w in words)
        for each in said.entries
        if isinstance(each.value, str) and (words := vocabulary.words(each.value))
    )


def _is_own_form(said: Said) -> bool:
    is_own = said.mentions_together("own", "form") and said.tells("similar") is not True
    if _is_denied(said, "similar"):
        return True
    return is_own or said.tells("model") is False or said.tells("similar") is False


def change_of(said: str) -> str:
    """Return which change of the model form words mean, or the words themselves."""
    words = vocabulary.words(said)
    if said in validation_form.CHANGES_KEPT:
        return said
    for beginnings, change in _CHANGES:
        if any(word.startswith(beginnings) for word in words):
            return change
    return said


def _translator(said: Said) -> Any:
    source = said.find("translat")
    if source is None or source is False:
        return None
    return "bureau" if {"bureau", "cfpb"} & set(vocabulary.words(source)) else "other"


_FACTORS = ("subject", "sender", "recogni", "bounce", "monitor", "factor")
"""Beginnings of words for what speaks for actual notice; an example silent of all has all."""

_DOCUMENTS: tuple[tuple[str, parts.Document], ...] = (
    ("original", "original_creditor_answer"),
    ("verification", "dispute_answer"),
    ("validation", "validation_notice"),
)


def sending_of(said: Said, book: Book) -> Message:
    """Return how a disclosure is sent."""
    subject = said.find("subject")
    items = " ".join(map(str, subject)) if isinstance(subject, list) else str(subject or "")
    medium: Any = "email" if said.mentions("email", "electronic") else "mail"
    document: parts.Document = next(
        (document for word, document in _DOCUMENTS if said.mentions(word)), "message"
    )
    is_in_order = not said.mentions(*_FACTORS) and not any(map(said.has, _FACTORS))
    sending = parts.Sending(
        medium=medium,
        subject_names_creditor=is_in_order or "creditor" in items,
        subject_has_partial_account=is_in_order or "account" in items,
        subject_has_other_identifier=any(map(_identifies, _listed(subject))),
        monitors_bounces=is_in_order or bool(said.tells("bounce") or said.tells("monitor")),
        is_sender_recognizable=is_in_order or bool(said.tells("sender") or said.tells("recogni")),
        is_undeliverable=said.mentions("undeliverable", "bounced", "returned")
        or said.mentions_together("bounce", "received"),
        is_last_known_address=said.tells("last", "known"),
        is_known_not_to_reside=bool(
            said.find("knows", "not") or said.tells("moved") or said.tells("no", "longer") is False
        ),
        is_opted_out=_is_opted_out(said),
        is_in_initial_communication=_is_in_initial(said),
        consent=_consent(said),
    )
    if said.mentions_together("mail", "disclosure") and not said.has("email"):
        sending = replace(sending, medium="mail")
    is_notice = document == "validation_notice"
    return Message(
        channel="email" if medium == "email" else "letter",
        document=document,
        sending=sending,
        notice=specimens.notice(book) if is_notice else None,
        form=specimens.form() if is_notice else None,
    )


_IDENTIFYING = frozenset(
    {"original", "brand", "store", "merchant", "sale", "service", "billing", "mailing", "facility"}
)
"""Words for what identifies a debt beside its account number (comment 42(a)(1)-1.i)."""


def _identifies(item: str) -> bool:
    words = set(vocabulary.words(item))
    return bool(words & _IDENTIFYING) and not words & {"amount", "balance"}


def _is_opted_out(said: Said) -> bool:
    """Tell whether the address that is used, where one is named, was opted out of."""
    if not said.has("opted"):
        return False
    opted, used = said.find("opted"), said.find("to")
    return used is None or not isinstance(opted, str) or str(opted) == str(used)


def _is_in_initial(said: Said) -> bool:
    is_after = said.mentions("within", "after", "following")
    return not is_after and (
        bool(said.tells("initial")) or said.mentions_together("initial", "communication")
    )


def _consent(said: Said) -> parts.ElectronicConsent | None:
    if not said.tells("consent") and not said.tells("esign"):
        return None
    return parts.ElectronicConsent(
        is_affirmative=said.tells("affirmative") is not False,
        is_withdrawn=said.mentions("withdrawn", "revoked") and not said.has("not", "withdrawn"),
        had_clear_statement=said.tells("clear", "statement") is not False,
        had_hardware_statement=said.tells("hardware") is not False,
        showed_access=said.tells("access") is not False and said.tells("demonstrat") is not False,
    )
