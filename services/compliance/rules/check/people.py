"""Who is contacted in an example, as whom and for what: consumers, relations, third parties."""

import re
from datetime import datetime
from typing import Any

from services.compliance.rules import facts
from services.compliance.rules.check import moments, vocabulary
from services.compliance.rules.check.story import CONSUMER, Story
from services.compliance.rules.request import Renewal, Saying

_CONTACT_KEYS = (
    "contact", "contact_person", "recipient", "contacted", "submitted_by", "disputed_by",
    "acting_person", "third_party", "person_authorized", "person_authorised",
)  # fmt: skip
_STANDING = re.compile(r"confirm|authori[sz]|appoint|empower|acting|acts_for")
"""What makes somebody more than a third party, where an example says that it is missing."""
_ABOUT_DEBT = frozenset(
    {"debt", "communicate", "collect", "collects", "collection", "demand", "pay", "payment",
     "balance"}
)  # fmt: skip
_PEOPLE = frozenset(
    {"attorney", "lawyer", "spouse", "executor", "administrator", "guardian", "creditor"}
) | (frozenset(vocabulary.STRANGERS) - {"employer"})  # fmt: skip
_MAJORITY = 18
_STATUS = frozenset({"status", "living", "alive", "adult"})
"""A consumer of whom nothing is special."""
ESTATE = "estate_representative"
"""Whom an act is meant for that names nobody, where the consumer has died."""


def apply(story: Story) -> None:
    """Read what is said of the consumer's state and of the person to be contacted."""
    given = story.given
    for status, holds in (("deceased", is_deceased(given)), ("minor", is_minor(given))):
        if holds:
            story.tell(
                story.start,
                f"status-{status}",
                facts.ConsumerStatus(
                    status=status,  # type: ignore[arg-type]
                    learned_at=_since(story),
                ),
            )
    for key in _CONTACT_KEYS:
        if key in given and _is_person(given[key]):
            story.add_person("contact", _described(given[key]))


def _since(story: Story) -> datetime:
    """Return when the consumer died, where that is dated; else long before."""
    consumer = story.given.get("consumer")
    said = consumer if isinstance(consumer, dict) else story.given
    dated = next((moments.dates_of(said[key]) for key in ("died", "death_date", "date_of_death")
                  if key in said), None)  # fmt: skip
    return moments.instant(dated[-1], story.where) if dated else story.start


def contacted(story: Story) -> str:
    """Return the label of the person contacted where an act names none."""
    if "contact" in story.persons:
        return "contact"
    if is_deceased(story.given) and story.given.get("rule") != "REGF-LOCATION":
        story.add_person(ESTATE, ESTATE)
        return ESTATE
    return CONSUMER


def meant(said: dict[str, Any]) -> str | None:
    """Return the person that an act names: as such, or by whom it goes to."""
    for key in ("person", "with"):
        if key in said:
            return str(said[key])
    to = vocabulary.words(said.get("to", ""))
    return str(said["to"]) if to and to[-1] in _PEOPLE else None


def is_deceased(given: dict[str, Any]) -> bool:
    """Tell whether the consumer has died."""
    return _is_said(given, {"deceased", "died", "dead"})


def is_minor(given: dict[str, Any]) -> bool:
    """Tell whether the consumer is a minor."""
    consumer = given.get("consumer")
    age = consumer.get("age") if isinstance(consumer, dict) else given.get("consumer_age")
    if isinstance(age, int):
        return age < _MAJORITY
    return _is_said(given, {"minor", "child"})


def purpose_of(story: Story, person: str, act: object = "") -> str | None:
    """Return what a person who is no consumer may be contacted for where nothing else is said.

    An act that is said to be about the debt is that, whoever it goes to.
    """
    if person == CONSUMER:
        return None
    if "purpose" in story.given:
        return str(story.given["purpose"])
    if set(vocabulary.words(act)) & _ABOUT_DEBT:
        return None
    if person not in story.persons:
        story.party(person)
    if story.persons[person] != "third_party":
        return None
    if is_deceased(story.given):
        return "estate representative"
    is_asked = any(
        item.get("person") == person and "location" in str(item.get("purpose", ""))
        for item in story.given.get("timeline") or []
    )
    return "location" if is_asked or story.given.get("rule") == "REGF-LOCATION" else None


_OF_LOCATION = frozenset(
    {"abode", "residence", "home", "address", "telephone", "phone", "number", "employment",
     "employer", "workplace", "name"}
)  # fmt: skip
_NOT_OF_LOCATION = frozenset(
    {"balance", "income", "salary", "wages", "bank", "account", "social", "security", "email",
     "credit", "assets", "debt", "payment", "card"}
)  # fmt: skip


def is_of_location(item: object) -> bool:
    """Tell whether something that is sought tells where a person is found (1006.10(a))."""
    words = set(vocabulary.words(item))
    return bool(words & _OF_LOCATION) and not words & _NOT_OF_LOCATION


def is_sought(given: dict[str, Any]) -> bool | None:
    """Tell whether all that is sought is location information; None where nothing is said."""
    said = given.get("sought", given.get("seeks"))
    if said is None:
        return None
    return all(map(is_of_location, said if isinstance(said, list) else [said]))


_AGAIN = re.compile(r"\b(call|contact|try|phone|ring|write)\b.{0,12}\b(again|back)\b")


def has_asked_back(story: Story, person: str) -> bool:
    """Tell whether a person, asked before, wanted to be called again (1006.10(c))."""
    return any(
        item.get("person") == person
        and any(isinstance(value, str) and _AGAIN.search(value.lower()) for value in item.values())
        for item in story.given.get("timeline") or []
        if person != CONSUMER
    )


def renewed_for(said: dict[str, Any]) -> Renewal | None:
    """Return why somebody is asked again, from what an act says of it."""
    for key, value in said.items():
        words = set(vocabulary.words(key))
        if value is not True:
            continue
        if words & {"belief", "believes", "believed", "wrong", "incomplete", "erroneous"}:
            return "answer_wrong_or_incomplete"
        if words & {"asked", "requested", "request", "invited"}:
            return "asked_again"
    return None


def sayings(said: dict[str, Any]) -> tuple[Saying, ...]:
    """Return what the content of an act says, where a rule asks for that."""
    text = " ".join(
        f"{key} {value}" for key, value in said.items() if value is not False and key != "purpose"
    ).lower()
    words = set(vocabulary.words(text))
    is_told = bool(words & {"states", "says", "said", "mentions", "discloses", "reveals", "tells"})
    is_owed = bool(words & _OWING)
    is_denied = "not" in words or "without" in words or "no" in words
    return ("debt_owed",) if is_told and is_owed and not is_denied else ()


_OWING = frozenset(
    {"owes", "owed", "debt", "debts", "owing", "indebted", "balance", "unpaid", "delinquent",
     "bill", "bills"}
)  # fmt: skip


def _is_said(given: dict[str, Any], meant: set[str]) -> bool:
    consumer = given.get("consumer")
    texts = [f"{key}" for key, value in given.items() if value is True]
    if isinstance(consumer, dict):
        texts += [str(consumer.get("status", "")), str(consumer.get("age", ""))]
        texts += [str(key) for key, value in consumer.items() if value is True]
    elif consumer is not None:
        texts.append(str(consumer))
    return any(meant & set(vocabulary.words(each)) for each in texts)


def _is_person(said: object) -> bool:
    return isinstance(said, str) or (isinstance(said, dict) and bool(said))


def _described(said: Any) -> str:
    """Return a person in words; one whom nobody confirmed or authorized is a third party."""
    if not isinstance(said, dict):
        return str(said)
    if any(value is False and _STANDING.search(str(key)) for key, value in said.items()):
        return "third party"
    return " ".join(
        f"{key} {value}" if not isinstance(value, bool) else str(key) * value
        for key, value in said.items()
    )
