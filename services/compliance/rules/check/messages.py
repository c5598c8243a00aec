"""Reads what an example tells of a message into one that the rules on content judge.

Whatever it leaves open is in good order, as with contacts; whatever it adds that nobody here
knows is something more.
"""

import re
from datetime import date
from typing import Any

from services.compliance.rules import message as parts
from services.compliance.rules.book import Book
from services.compliance.rules.check import itemizations, moments, notices, specimens, vocabulary
from services.compliance.rules.check.said import Said
from services.compliance.rules.content.limited_content_message import OPTIONAL, elements
from services.compliance.rules.message import LimitedContentElement, Message, MessageChannel
from shared.kernel.records import replace

SAYINGS = ("says", "text", "script", "transcript", "wording", "reads", "states_that", "content")
_LANGUAGES = {"english": "en", "en": "en", "spanish": "es", "es": "es"}
_FOREIGN = {  # of which no disclosure is at hand
    "french": "fr", "german": "de", "chinese": "zh", "korean": "ko", "vietnamese": "vi",
    "tagalog": "tl", "arabic": "ar", "russian": "ru", "portuguese": "pt",
}  # fmt: skip


CODES = {**_LANGUAGES, **_FOREIGN}
"""Codes of languages, by their names and by themselves."""


def message_of(given: dict[str, Any], when: dict[str, Any], area: str, book: Book) -> Message:
    """Return the message that an example of an area is about."""
    told = {key: value for key, value in given.items() if key not in ("default_tz", "rule")}
    said = Said(told, {key: value for key, value in when.items() if key != "question"})
    match area:
        case "limited_content_message":
            return voicemail_of(_voicemail(told), book)
        case "optout_notice":
            return _with_opt_out(_of_the_message(told, when))
        case "mail":
            return Message(channel="letter", envelope=_envelope(told, said))
        case "social_media":
            act = told.get("act", told.get("acts", when.get("act", when.get("acts"))))
            return social_of(str(act), said)
        case "itemization":
            return Message(channel="letter", itemization=itemizations.itemization_of(told))
        case "validation_content" | "validation_period":
            return notices.notice_of(told, said, book)
        case "validation_form":
            return notices.form_of(told, said, book)
        case "sending":
            return notices.sending_of(said, book)
        case "mini_miranda":
            return _spoken(told, said)
        case _:
            return said_of(said, book)


# -- voicemail ------------------------------------------------------------------------------------

_ELEMENTS: tuple[tuple[tuple[str, ...], LimitedContentElement], ...] = (
    (("business", "company"), "business_name"),
    (("contact", "caller", "person", "speaker", "names"), "contact_name"),
    (("reply", "request", "return", "respond", "asks"), "reply_request"),
    (("callback", "telephone", "phone", "number", "call"), "telephone_number"),
    (("salutation", "greeting"), "salutation"),
    (("suggested", "suggest", "convenient", "best"), "suggested_reply_times"),
    (("date", "time", "day"), "date_and_time"),
    (("representative", "associate"), "any_representative"),
)
_WHOSE = frozenset({"for", "belong", "belongs", "mailbox", "left", "recipient", "owner"})
_VERBATIM = frozenset({"says", "text", "transcript", "script", "wording", "verbatim"})
_WHOLE = (
    {"only", "required"}, {"limited", "content"}, {"only", "lcm"}, {"all", "required"}, {"lcm"},
)  # fmt: skip


def _voicemail(told: dict[str, Any]) -> Any:
    for item in reversed(told.get("timeline") or []):
        if "voicemail" in vocabulary.words(f"{item.get('ev', '')} {item.get('outcome', '')}"):
            rest = {key: value for key, value in told.items() if key != "timeline"}
            kind = item.get("kind", item.get("outcome"))
            return {"kind": kind, **_without(item, "ev", "kind", "outcome"), **rest}
    for key in ("voicemail", "message", "voice_message", "text", "email"):
        if key in told:
            inner = told[key]
            medium = key if key in ("text", "email") else "voicemail"
            return {"medium": medium, **inner} if isinstance(inner, dict) else inner
    return told


def _without(item: dict[str, Any], *more: str) -> dict[str, Any]:
    """Return what an event says of the message itself, not of when and to whom it was left."""
    left_out = {"at", "person", "from", "to", "by", "number", "debts", "debt", "about", *more}
    return {key: value for key, value in item.items() if key not in left_out}


def voicemail_of(told: Any, book: Book) -> Message:
    """Return a voicemail, from a word for it or from its elements."""
    if not isinstance(told, dict):
        return _by_word(str(told))
    found: list[LimitedContentElement] = []
    mailbox: parts.Audience = "consumer"
    channel: MessageChannel = "voicemail"
    text = ""
    for key, value in told.items():
        words = set(vocabulary.words(key))
        if value in (False, None, "none", []):
            continue
        if words & {"medium", "channel"}:
            channel = _voice_or_other(value)
        elif words & _WHOSE and not words & {"reply", "message", "callback", "asks", "call"}:
            mailbox = _whose(value)
        elif words & _VERBATIM:
            text = str(value)
        else:
            found += specimens.LIMITED_CONTENT if _is_whole(value) else _element(words, value, book)
    return Message(
        channel=channel,
        document="limited_content_message",
        text=text,
        business_name=" ".join(_values(told, "business", "company") or _FROM.findall(text)[:1]),
        contact_names=(*_values(told, "contact", "caller"), *_persons_in(text)),
        telephone_numbers=(
            *_values(told, "callback", "telephone", "phone"),
            *_NUMBER.findall(text),
        ),
        voicemail=parts.Voicemail(elements=tuple(found), mailbox_of=mailbox),
    )


_LIVE = frozenset({"oral", "orally", "spoken", "live", "conversation", "answers", "answered"})


def _voice_or_other(medium: object) -> MessageChannel:
    """Return the channel of a medium; what is said to who answers is a call, and no voicemail."""
    if _LIVE & set(vocabulary.words(medium)):
        return "call"
    return vocabulary.channel_of(medium) or "voicemail"


_NAME = r"[A-Z][\w&'-]*(?: [A-Z][\w&'-]*)*"
_FROM = re.compile(rf"\b(?:from|with|of|at) ({_NAME})")
_PERSON = re.compile(
    rf"\b(?:[Tt]his is|[Mm]y name is|I am|I'm|contact|call|ask for|reach|or|to|with)"
    rf" (?:me or )?({_NAME})"
)
_NUMBER = re.compile(r"\b(?:1-)?\d{3}-\d{3}-\d{4}\b")


def _persons_in(text: str) -> tuple[str, ...]:
    """Return the names of persons in the wording of a message, by what stands before them."""
    return tuple(dict.fromkeys(_PERSON.findall(text)))


def _values(told: dict[str, Any], *beginnings: str) -> tuple[str, ...]:
    found: list[Any] = []
    for key, value in told.items():
        if any(word.startswith(beginnings) for word in vocabulary.words(key)):
            found += value if isinstance(value, list) else [value]
    return tuple(each for each in found if isinstance(each, str) and each != "none")


def _by_word(word: str) -> Message:
    said = set(vocabulary.words(word))
    is_limited = any(each <= said for each in _WHOLE)
    if is_limited and not said & {"plus", "and", "with", "extra", "more", "also", "not"}:
        return specimens.limited_content()
    return specimens.voicemail_about_debt()


def _is_whole(value: Any) -> bool:
    said = set(vocabulary.words(value)) if isinstance(value, str) else set()
    return any(each <= said for each in _WHOLE) and not said & {"plus", "not", "except", "extra"}


def _element(words: set[str], value: Any, book: Book) -> tuple[LimitedContentElement, ...]:
    if words & {"reveals", "indicates", "discloses"} or "debt" in words or "collector" in words:
        return ("business_name_revealing_collection",) if "business" in words else ("other",)
    if words & {"extra", "also", "plus", "additional", "statement", "adds", "includes"}:
        read = elements(
            book.federal("limited-content-message"), Message(channel="voicemail", text=str(value))
        )
        return read if read and set(read) <= OPTIONAL else ("other",)
    for names, element in _ELEMENTS:
        if any(word.startswith(names) for word in words) and "consumer" not in words:
            return (element,)
    return ("other",)


def _whose(value: Any) -> parts.Audience:
    said = set(vocabulary.words(value))
    return "consumer" if said <= {"the", "consumer", "consumers", "own", "p1", "for"} else (
        "third_party"
    )  # fmt: skip


# -- opt-out, mail, social media ------------------------------------------------------------------


LEGIBLE = ("legible", "conspicuous", "notice", "readable", "readily", "understandable", "clear")
"""Beginnings of words for what makes a statement clear and conspicuous."""


def _of_the_message(told: dict[str, Any], when: dict[str, Any]) -> Said:
    """Return what is said of the message itself, not of those that went before."""
    asked = {key: value for key, value in when.items() if key != "question"}
    rest = {key: value for key, value in told.items() if key != "timeline"}
    is_told = any(Said(rest, asked).has(*each) for each in _OPT_OUT_KEYS)
    return Said(rest if is_told else told, asked)


_OPT_OUT_KEYS = (("opt", "out"), ("unsubscribe",), ("stop",))


def _with_opt_out(said: Said) -> Message:
    channel = vocabulary.channel_of(
        said.find("medium") or said.find("channel") or said.find("act") or ""
    )
    if channel not in ("text", "email"):
        channel = "email" if said.mentions("email", "hyperlink", "subject") else "text"
    texts = [
        str(each.value)
        for each in said.entries
        if isinstance(each.value, str)
        and any(word.startswith(("opt", "text", "instruct", "link", "label", "hyper", "stat", "un"))
                for word in each.words)
    ]  # fmt: skip
    links = [" ".join(each.words) for each in said.entries
             if each.value is True and {"hyperlink", "link"} & set(each.words)]  # fmt: skip
    if said.tells("opt", "statement") and not texts:
        texts = [specimens.OPT_OUT.statement]
    asked = said.find("requires") or said.find("demands") or said.find("asks") or []
    asked = asked if isinstance(asked, list) else [asked]
    return Message(
        channel=channel,
        opt_out=parts.OptOutOffer(
            statement=". ".join([*texts, *links]),
            is_conspicuous=_is_legible(said),
            is_free=None if not said.has("fee") else not said.tells("fee"),
            asks_for=tuple(str(each) for each in asked),
        ),
    )


def _is_legible(said: Said) -> bool | None:
    """Tell whether a statement can well be read; None where nothing is said of it."""
    tells = [said.tells(key) for key in LEGIBLE]
    return False if False in tells else True if True in tells else None


def _envelope(told: dict[str, Any], said: Said) -> parts.Envelope:
    marks = told.get("envelope", told.get("marks", told.get("envelope_shows", [])))
    if isinstance(marks, dict):
        marks = [f"{key} {value}" for key, value in marks.items() if value is not False]
    marks = marks if isinstance(marks, list) else [marks]
    marks = [_mark(str(each)) for each in marks]
    if said.tells("name", "indicates") or said.tells("name", "debt"):
        marks = ["debt collection business name" if _is_name(each) else each for each in marks]
    return parts.Envelope(is_postcard=said.mentions("postcard"), marks=tuple(marks))


def _is_name(mark: str) -> bool:
    return {"name", "business"} <= set(vocabulary.words(mark)) or mark == "name and address"


def _mark(mark: str) -> str:
    """Call the person on the envelope what the mail calls them: that is not printed on it."""
    words = vocabulary.words(mark)
    if {"business", "company"} & set(words) and {"not", "without", "no"} & set(words):
        return "business name"  # what it does not say, it does not bear
    if {"name", "address"} & set(words) and set(words) <= {
        "debtor", "debtors", "consumer", "consumers", "collector", "collectors", "return",
        "name", "address", "and", "business", "mailing", "s", "recipient",
    }:  # fmt: skip
        return "name and address"
    return mark


def social_of(act: str, said: Said) -> Message:
    """Return what is done on a social platform."""
    is_false = (
        said.mentions(
            "fake",
            "fals",
            "pseudonym",
            "impersonat",
            "conceal",
            "hid",
            "invent",
            "fictitious",
            "made",
            "pretend",
        )
        or any(
            each.value is False and "profile" in each.words and _TRUE & set(each.words)
            for each in said.entries
        )
        or any(
            {"profile", "name"} & set(each.words)
            and {"not", "another", "other", "else"} & set(vocabulary.words(each.value))
            for each in said.entries
            if isinstance(each.value, str)
        )
    )
    is_elsewhere = any(
        _ELSE & set(vocabulary.words(each.value)) or each.value in ("T1", "T2")
        for each in said.entries
        if {"to", "recipient", "with"} & set(each.words) and isinstance(each.value, str)
    )
    return Message(
        channel="social",
        audience="third_party" if is_elsewhere else "consumer",
        is_about_debt=False if said.mentions("location") else None,
        location=location_of(said) if said.mentions("location") else None,
        social=parts.SocialMedia(
            act=_social_act(act, said),
            discloses_identity=next(
                (
                    tells
                    for key in ("disclos", "identif", "reveal")
                    if (tells := said.tells(key)) is not None
                ),
                None,
            ),
            is_profile_false=is_false,
        ),
    )


def location_of(said: Said) -> parts.LocationRequest:
    """Return what a request for location information says beside the question."""
    naming = [
        each
        for each in said.entries
        if {"employer", "collector", "company"} & {*each.words, *vocabulary.words(each.value)}
        and {"name", "names", "naming", "identifies", "identify", "identifying", "states"}
        & {*each.words, *vocabulary.words(each.value)}
        and not {"profile", "individual"} & {*each.words, *vocabulary.words(each.value)}
    ]
    return parts.LocationRequest(
        names_employer=any(each.value is not False for each in naming),
        is_employer_asked_for=bool(said.tells("request")) or bool(said.tells("asked")),
    )


_ELSE = frozenset(
    {*vocabulary.STRANGERS, "wrong", "same", "another", "third", "else", "not", "namesake"}
)
_TRUE = frozenset(
    {
        "profile",
        "true",
        "accurate",
        "accurately",
        "real",
        "correct",
        "name",
        "names",
        "identifies",
        "shows",
    }
)


def _social_act(act: str, said: Said) -> parts.SocialAct:
    words = set(vocabulary.words(act))
    if words & {"request", "friend", "connect", "connection", "invite", "invitation", "follow"}:
        return "contact_request"
    if words & {"private", "privately", "direct", "dm", "message"} and not words & {"public"}:
        return "private_message"
    if words & {"contacts", "friends", "followers", "connections"}:
        return "post_visible_to_contacts"
    is_public = not words & {"post", "social"} or said.tells("private") is not True
    return "public_post" if is_public else "private_message"


# -- what is said ---------------------------------------------------------------------------------

_SUBJECTS = {
    "obscenity": ("obscen", "profan", "vulgar", "curs"),
    "violence": ("violen", "harm", "threat"),
    "publication": ("publish", "debtor_list", "publication", "advertis"),
    "arrest": ("arrest", "jail", "imprison"),
}


def said_of(said: Said, book: Book) -> Message:
    """Return a message by its words, or by what kind of words they are."""
    channel = _channel_said(said)
    text = next(
        (
            str(each.value)
            for each in said.entries
            if isinstance(each.value, str) and any(word.startswith(SAYINGS) for word in each.words)
        ),
        "",
    )
    if text:
        return Message(
            channel=channel,
            text=f"{text}\n\n{specimens.SUBSEQUENT}",
            caller=specimens.CALLER,
            opt_out=specimens.OPT_OUT,
            lawful_and_intended=_lawful_and_intended(said),
            is_initial=False,
            was_initial_oral=False,
            is_about_debt=True,
            is_validation_period_open=_is_period_open(said),
            is_debt_expired=said.tells("barred") or said.tells("expired") or None,
        )
    listed_to = said.find("to") or said.find("recipient")
    for subject, beginnings in _SUBJECTS.items():
        if said.mentions(*beginnings):
            if subject == "publication" and isinstance(listed_to, str) and said.mentions("list"):
                return replace(
                    specimens.holding(book, subject, channel),
                    text=f"We publish a list of debtors to {_phrase(listed_to)}.",
                )
            return specimens.holding(book, subject, channel)
    raise LookupError("the example does not tell what is said")


def _lawful_and_intended(said: Said) -> tuple[Any, ...]:
    """Return what may be threatened, where it is said to be meant, and not to be unlawful."""
    is_meant = said.tells("intended") is True and said.tells("lawful") is not False
    return ("suit", "seizure") if is_meant else ()


def _is_period_open(said: Said) -> bool | None:
    """Tell whether the validation period runs: as is said, or by its end and the day of the act."""
    ends = moments.dates_of(said.find("validation", "end"))
    at = said.find("at")
    day = str(at)[:10] if at is not None else None
    if ends and moments.dates_of(day):
        return date.fromisoformat(str(day)) <= ends[-1]
    return said.tells("validation", "open")


def _phrase(said: str) -> str:
    return " ".join(each for each in vocabulary.words(said) if each not in ("a", "the"))


def tells_words(given: dict[str, Any], when: dict[str, Any]) -> bool:
    """Tell whether an example is about what a message says, not whether one may be sent."""
    return any(
        isinstance(each.value, str)
        and any(word.startswith(("says", "wording", "script")) for word in each.words)
        and any(word.startswith(("letter", "message", "email", "text", "voicemail", "mail",
                                 "notice", "collector", "call")) for word in each.words)
        for each in Said(given, when).entries
    )  # fmt: skip


def tells_stated_end(given: dict[str, Any], when: dict[str, Any]) -> bool:
    """Tell whether an example is about the end of the validation period that a notice states."""
    return notices.stated_end(Said(given, when)) is not None


def tells_conduct(when: dict[str, Any]) -> bool:
    """Tell whether the acts asked about are of a kind that is wrong whatever its words."""
    listed = when.get("acts", [when])
    acts = [str(each.get("act", "")) if isinstance(each, dict) else str(each) for each in listed]
    return any(
        word.startswith(beginnings)
        for act in acts
        for word in vocabulary.words(act)
        for beginnings in _SUBJECTS.values()
    )


def _channel_said(said: Said) -> MessageChannel:
    for each in said.entries:
        for word in each.words:
            channel = vocabulary.channel_of(word)
            if channel:
                return channel
        if "act" in each.words and (channel := vocabulary.channel_of(each.value)):
            return channel
    return "letter"


# -- disclosures ----------------------------------------------------------------------------------


def _spoken(told: dict[str, Any], said: Said) -> Message:
    if said.has("assumed") or said.has("alias") or said.mentions("assumed", "alias"):
        return Message(channel="call", caller=_assumed_name(said))
    used, disclosed = _languages_of(said)
    # Of several languages the one that the disclosure leaves out is what may be at fault.
    language = next((each for each in used if disclosed and each not in disclosed), used[-1])
    disclosure = language if language in disclosed or not disclosed else disclosed[-1]
    is_given = said.tells("disclosure") is not False
    return Message(
        channel="letter",
        text=specimens.DISCLOSURES.get(disclosure, "-") if is_given else "-",
        language=language,
        is_initial=True,
    )


def _languages_of(said: Said) -> tuple[list[str], list[str]]:
    """Return the languages that were used, and those of a disclosure that is told apart."""
    used: list[str] = []
    disclosed: list[str] = []
    is_told_apart = False
    for each in said.entries:
        is_of_disclosure = any(word.startswith(("disclos", "mini")) for word in each.words)
        is_told_apart = is_told_apart or is_of_disclosure
        listed = each.value if isinstance(each.value, list) else [each.value]
        for word in vocabulary.words(" ".join(one for one in listed if isinstance(one, str))):
            found = _LANGUAGES.get(word) or _FOREIGN.get(word)
            if found:
                (disclosed if is_of_disclosure else used).append(found)
    return used or ["en"], disclosed or (["en"] if is_told_apart else [])


def _assumed_name(said: Said) -> parts.CallerName:
    is_doubtful = said.mentions("shared", "several", "different", "multiple", "random", "chang")
    is_doubtful = is_doubtful or said.mentions("afresh", "var", "pool", "rotat", "anew")
    is_consistent = said.tells("consistent")
    is_traceable = said.tells("identif")
    if is_consistent is None and said.mentions("one", "same", "consistent", "single"):
        is_consistent = True
    if is_traceable is None and said.mentions_together("no", "other"):
        is_traceable = True  # nobody else goes by it
    if is_traceable is None and said.mentions("unique", "identif", "regist", "record", "per"):
        is_traceable = True
    return parts.CallerName(
        is_disclosed=True,
        is_assumed=True,
        is_used_consistently=False if is_doubtful else is_consistent,
        is_traceable=False if is_doubtful else is_traceable,
    )


_GENERAL = frozenset(
    {"marketing", "advertisement", "advertising", "promotional", "promotion", "newsletter"}
)


def is_general(said: Said) -> bool:
    """Tell whether an example is of advertising, which is about no particular debt."""
    return said.mentions(*_GENERAL)


def heard(item: dict[str, Any]) -> Message | None:
    """Return what an event of a timeline conveyed, None where nobody was reached."""
    text = f"{item.get('ev', '')} {item.get('outcome', '')} {item.get('kind', '')}"
    said = set(vocabulary.words(f"{text} {item.get('content', '')}"))
    if said & {"limited", "lcm"}:
        return specimens.limited_content()
    if said & {"voicemail", "voicemails"} and "received" not in said:
        return specimens.voicemail_about_debt()
    is_call = bool(said & {"call", "calls", "conversation"})
    if is_call and not vocabulary.is_conversation(item) and "received" not in said:
        return None
    channel = "call" if is_call else vocabulary.channel_of(text) or "letter"
    is_advertising = bool(said & _GENERAL)
    return replace(Message(channel=channel), is_about_debt=False if is_advertising else None)
