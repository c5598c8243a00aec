"""What persons say, as facts: stop, not there, not then, call back on Monday, I have a lawyer."""

import re
from datetime import date, datetime, timedelta
from typing import Literal

from services.compliance.rules import facts, local_time
from services.compliance.rules.check import attorneys, phrases, vocabulary
from services.compliance.rules.check.story import CONSUMER, Story
from services.compliance.rules.facts import Channel
from services.compliance.rules.weekly import AssumedHours

Statement = Literal["does_not_wish_contact", "refuses_to_pay", "does_not_owe", "was_answered"]
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CALL_BACK = re.compile(
    r"\b(call\w* back|callback|please call|call me (back|on|tomorrow|any ?time|with|about|again)"
    r"|may call me|you can call|call me$)"
)
_NEGATED = r"\b(?:not|don'?t|never|n't)"
_STOP = re.compile(
    r"\b(stop|quit|no more|cease|unsubscribe|leave me alone)\b"
    r"|\b(do not|don'?t|never|not to|may not|must not)\b.{0,30}?"
    r"\b(call|text|sms|e-?mail|contact|writ|send|bother|phone|telephone|mail|message|communicat"
    r"|reach|use)"
)
_WISH = re.compile(
    rf"{_NEGATED} (?:wish|want|like)\w* (?:to )?"
    r"(?:be (?:contact|call|bother)|hear|talk|speak|any contact|contact|calls)"
)
_DOES_NOT_OWE = re.compile(
    rf"{_NEGATED} owe|\bnot (?:mine|my debt|theirs|his|hers)\b|\bowe (?:you )?nothing\b"
)
_WILL_NOT_PAY = re.compile(r"\b(refus\w+|never|not|won'?t|n't) (?:to |going to |be )?pay")
_STATEMENTS: tuple[tuple[Statement, re.Pattern[str]], ...] = (
    ("does_not_owe", _DOES_NOT_OWE),
    ("refuses_to_pay", _WILL_NOT_PAY),
    ("does_not_wish_contact", _WISH),
)
"""What people say of a debt short of a stop: a wish is none (comment 14(b)(2)(i)-2.iii)."""
_NOT_NOW = re.compile(
    r"\bbusy\b|\b(cannot|can'?t|unable to) (talk|speak|take (a|this|your) call)\b"
    r"|\b(this|now|moment)\b.{0,20}\binconvenient\b"
    r"|\b(bad|not a good|wrong) (time|moment)\b|\bin a meeting\b|\b(i'?m|am) driving\b"
    r"|\b(i'?m|i am) (now |currently |just )*at (a|an|the|my)\b"
)
_MAY_CONTACT = re.compile(
    r"\b(may|can|could|fine to|ok(?:ay)? to|welcome to|free to) "
    r"(call|text|e-?mail|contact|reach|phone|ring)\b"
)
_CEASES = re.compile(
    r"\b(ceas\w+|desist|stop\w*) (?:\w+ ){0,4}(contact|communicat)|\bcease and desist"
)
_AT_A_TIME = re.compile(r"\b(at|from|after|before|until|till|around) (about )?(\d|noon|midnight)")
_ASSUMED = AssumedHours(480, 1260)
_IS_THERE = re.compile(r"\b(i'?m|i am|am)\b (?:now |currently |just )*at\b")
_EVERYTHING = re.compile(r"entirely|altogether|contact|communicat|leave me alone|any medium|all ")
PLACES = {
    "home": frozenset({"home", "residence", "house"}),
    "work": frozenset({"work", "workplace", "office", "job", "employment"}),
}
_CONVENIENT_AGAIN = re.compile(r"no longer inconvenient|is fine|now fine|any ?time is|is ok\b")

About = Literal["anything", "convenient_times", "inconvenient_times"]
"""What words are known to be about before they are read."""


def hear(
    story: Story,
    at: datetime,
    text: str,
    *,
    written_through: Channel | None = None,
    about: About = "anything",
    named: object = None,
) -> None:
    """Let a person's words become a fact, the protective reading first.

    `named` is the number or address that the words are about, where an example gives it.
    """
    said = text.lower()
    for statement, pattern in _STATEMENTS:
        if pattern.search(said):
            stated = facts.PersonStatement(statement=statement, received_at=at)
            story.tell(at, f"stated-{statement}", stated)
    if written_through is not None and (_WILL_NOT_PAY.search(said) or _WISH.search(said)):
        # In writing, a refusal to pay ends communication as a request to stop does (6(c)(1)).
        story.tell(at, "cease", facts.CeaseNotice(received_at=at))
    said = _WISH.sub(" ", said)
    if _is_of_persons(story, at, said) or _is_of_time(story, at, said, about):
        return
    if _STOP.search(said):
        _stop(story, at, said, written_through, named)


def ends_contact(text: str | None) -> bool:
    """Tell whether a notice in writing, of these words where they are told, ends contact (6(c)(1)).

    It refuses to pay or asks for no contact at all; what asks for less bars less.
    """
    if text is None:
        return True
    said = text.lower().replace("_", " ")
    is_stop = bool(_STOP.search(said) or _CEASES.search(said))
    is_of_one_medium = vocabulary.medium_in(_EVERYTHING.sub(" ", said)) is not None
    return bool(
        _WILL_NOT_PAY.search(said)
        or _WISH.search(said)
        or (is_stop and (bool(_CEASES.search(said)) or not is_of_one_medium))
    )


def allow_times(story: Story, at: datetime, text: str, *, is_in_our_call: bool) -> None:
    """Let words that allow contact at some time be a consent, if a call of ours was lawful."""
    said = text.lower()
    if not _MAY_CONTACT.search(said) or not _AT_A_TIME.search(said) or _STOP.search(said):
        return
    is_barred = local_time.is_barred(story.where, _ASSUMED, at)
    consented = facts.PriorConsent(
        received_at=at, lifts=("time",), is_lawfully_given=not (is_in_our_call and is_barred)
    )
    story.tell(at, "consented-time", consented)


def _is_of_persons(story: Story, at: datetime, said: str) -> bool:
    """Read words about whose number it is, who represents them, and where they are."""
    if "wrong number" in said or "wrong person" in said:
        point = story.point("call", None, CONSUMER) or ""
        story.tell(at, "wrong-number", facts.WrongNumber(contact_point_id=point, learned_at=at))
    elif attorneys.OF_ATTORNEYS.search(said):
        attorneys.hear(story, at, said)
    elif _is_employers(said):
        story.tell(at, "employer", facts.EmployerProhibition(received_at=at))
    elif place := re.search(r"at (?:my )?(home|work|job|office)", said):
        _place_said(story, at, said, "home" if place.group(1) == "home" else "work")
    else:
        return False
    return True


def _is_of_time(story: Story, at: datetime, said: str, about: About) -> bool:
    """Read words about when contact suits and when it does not."""
    year = story.today(at).year
    windows = phrases.windows_of(said, year=year, means_convenient=about == "convenient_times")
    if _CALL_BACK.search(said) and not _STOP.search(said):
        consent(story, at, first_last=_named_date(story, at, said), account_ids=_named(story, said))
    elif _CONVENIENT_AGAIN.search(said):
        story.end(at, "times")
    elif windows != phrases.NEVER_CONVENIENT or about != "anything":
        story.tell(at, "times", facts.InconvenientTime(windows=windows, received_at=at))
        _welcome(story, at, said, is_meant=about == "convenient_times")
    elif _NOT_NOW.search(said):
        today = story.today(at)
        until_tomorrow = facts.WeeklyWindow(first_date=today, last_date=today)
        story.tell(at, "times", facts.InconvenientTime(windows=(until_tomorrow,), received_at=at))
    else:
        return False
    return True


def _welcome(story: Story, at: datetime, said: str, *, is_meant: bool) -> None:
    """Let the hours at which the person says to be reached be welcome, assumed hours or not."""
    year = story.today(at).year
    windows = phrases.welcome_times(said, year=year, means_convenient=is_meant)
    if windows:
        welcome = facts.PriorConsent(received_at=at, lifts=("time",), windows=windows)
        story.tell(at, "welcome", welcome)


def consent(
    story: Story,
    at: datetime,
    *,
    first_last: tuple[date, date] | None = None,
    account_ids: tuple[str, ...] = (),
) -> None:
    """Let the consumer have consented to extra calls."""
    first, last = first_last or (None, None)
    story.tell(
        at,
        "consent",
        facts.ExtraCallsConsent(
            received_at=at, first_date=first, last_date=last, account_ids=account_ids
        ),
    )


def _named(story: Story, said: str) -> tuple[str, ...]:
    """Return the debts that words name, by label or kind; none where they name none or all."""
    words = set(vocabulary.words(said))
    named = [
        label
        for label, kind in story.debts.items()
        if {label.lower()} & words or (kind and set(vocabulary.words(kind)) <= words)
    ]
    return story.accounts(named) if len(named) < len(story.debts) else ()


def opt_out(
    story: Story, at: datetime, medium: str | None, point: str | None, person: str = CONSUMER
) -> None:
    """Let a person have opted out of a medium, a point, or one through the other.

    What the consumer asks for binds every use of it; what others ask for, that toward them.
    """
    whose = None if person == CONSUMER else story.party(person)
    story.tell(
        at,
        f"opt-out-{medium}-{point}{'' if whose is None else f'-{person}'}",
        facts.OptOut(
            received_at=at,
            medium=medium,  # type: ignore[arg-type]
            contact_point_id=point,
            party_id=whose,
        ),
    )


def _stop(
    story: Story, at: datetime, said: str, written_through: Channel | None, named: object
) -> None:
    medium = vocabulary.medium_in(said)
    if named is not None and re.search(r"\b(number|address|line|phone|mobile)\b", said):
        opt_out(story, at, None, story.point_by_label(str(named)))
    elif medium is not None and medium != "portal":
        opt_out(story, at, medium, None)
    elif written_through is not None and _EVERYTHING.search(said):
        story.tell(at, "cease", facts.CeaseNotice(received_at=at))
    elif written_through is not None:
        opt_out(story, at, written_through, None)  # a bare "STOP" means the medium it came by
    else:
        story.tell(at, "oral-stop", facts.OralStop(received_at=at))


_MEDIA: tuple[Channel, ...] = ("call", "text", "email", "letter")
_WELCOME = re.compile(r"\b(fine|ok|okay|may|can|welcome|allowed|good|only|prefer\w*|still)\b")
_UNWELCOME = re.compile(r"\b(no|not|don'?t|never|stop|without)\b")


def clarify(story: Story, at: datetime, text: str) -> None:
    """Let a person have said which media they meant when they named a place."""
    barred: set[Channel] = set()
    welcome: set[Channel] = set()
    for clause in re.split(r"[;.,]|\bbut\b|\band\b", text.lower()):
        media = {
            found for word in vocabulary.words(clause) if (found := vocabulary.medium_in(word))
        }
        if _UNWELCOME.search(clause) or re.search(r"\b(mean|meant|only about)\b", clause):
            barred |= media
        elif _WELCOME.search(clause):
            welcome |= media
    meant = barred or (set(_MEDIA) - welcome if welcome else set())
    for label in story.labels():
        if label.startswith("place-") and meant:
            media_meant = tuple(each for each in _MEDIA if each in meant)
            story.change(at, label, media=media_meant)


def _is_employers(said: str) -> bool:
    is_work = re.search(r"\b(work|job|employer|office)\b", said)
    return bool(is_work and (is_prohibited(said) or re.search(r"personal calls?|employer", said)))


def is_prohibited(said: str) -> bool:
    """Tell whether words say that something is not allowed."""
    return bool(
        re.search(
            r"\bprohibit|\bforbid|\bdisallow|\bbans?\b|\bbarred\b|\bno (personal )?calls\b"
            r"|\b(not|n't|never|cannot|can'?t)\b.{0,20}\b(allow|permit|take|receive|accept|have|get)",
            said,
        )
    )


def _place_said(story: Story, at: datetime, said: str, where: str) -> None:
    """Take a place as inconvenient, or as where the person is for the rest of the day."""
    if _IS_THERE.search(said) and not _STOP.search(said):
        after = story.today(at) + timedelta(days=1)
        ends = datetime.combine(after, datetime.min.time(), tzinfo=story.where)
        story.change(at, f"place-{where}", is_present=True, present_until=ends)
    else:
        story.tell(at, f"place-{where}", _place(story, where, at))


def _place(story: Story, where: str, at: datetime) -> facts.InconvenientPlace:
    is_there = any(
        value is True
        and {"knows", "known"} & (words := set(vocabulary.words(key)))
        and words & PLACES[where]
        for key, value in story.given.items()
    )
    said = next(
        (each for key, each in story.given.items() if "media" in key and isinstance(each, list)), []
    )
    media = tuple(channel for each in said if (channel := vocabulary.medium_in(str(each))))
    return facts.InconvenientPlace(
        place="home" if where == "home" else "work",
        received_at=at,
        is_present=is_there,
        media=media,  # type: ignore[arg-type]
    )


_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7}
_DAYS_LONG = re.compile(rf"\b(\d+|{'|'.join(_NUMBERS)})\s+(?:calendar |consecutive )?days?\b"
                        r"|\bdays\s+(\d+)\b")  # fmt: skip


def consented_dates(story: Story, at: datetime, terms: str) -> tuple[date, date] | None:
    """Return the dates for which a consent is given, that of the consent the first of its days."""
    said, today = terms.lower(), story.today(at)
    if found := re.search(r"\d{4}-\d{2}-\d{2}", said):
        return today, date.fromisoformat(found.group(0))
    if found := _DAYS_LONG.search(said):
        number = found.group(1) or found.group(2)
        return today, today + timedelta(days=int(_NUMBERS.get(number, number)) - 1)
    if "today" in said:
        return today, today
    return _named_date(story, at, said)


def _named_date(story: Story, at: datetime, said: str) -> tuple[date, date] | None:
    today = story.today(at)
    if "tomorrow" in said:
        return today + timedelta(days=1), today + timedelta(days=1)
    for number, name in enumerate(_WEEKDAYS):
        if name in said:
            day = today + timedelta(days=(number - today.weekday() - 1) % 7 + 1)
            return day, day
    return None
