"""How addresses and numbers came into use, as examples tell it: notices, chains, consents, checks.

What is told here is not in order by default any more: the example has spoken of it.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from services.compliance.rules import facts
from services.compliance.rules.check import creditor_notices, labels, moments, vocabulary
from services.compliance.rules.check.story import CONSUMER, Story
from services.compliance.rules.facts import MessageConsent, PriorCollector

_LONG_AGO = timedelta(days=120)
_SEEN = {"disclosure", "disclosed", "saw", "seen", "read", "reads", "viewed"}
_GIVEN_TO = {
    "this_collector": "this_collector",
    "collector": "this_collector",
    "creditor": "creditor",
    "prior_collector": "prior_collector",
}


def apply(story: Story, reference: datetime, acts: Sequence[dict[str, Any]] = ()) -> None:
    """Read the procedures of an example; `reference` is when its acts take place.

    An act that says by which procedure it goes has an address of its own, as good as the others.
    """
    for said in acts:
        if labels.label_by_way(said) is not None:
            _goes_by(story, reference, said)
    creditor_notices.apply(story, reference)
    _informed(story)
    _chain(story)
    _texts(story, reference)
    _domains(story)
    _paths(story, reference)
    for entry in story.given.get("addresses") or []:
        if isinstance(entry, dict):
            _domains_of(story, entry)
            if _is_told_employers(entry):
                _employers(story, labels.label_of(entry))
    for item in story.given.get("timeline") or []:
        if is_read_there(story, item):
            _item(story, item)
        else:
            _use(story, item)
    for key, value in story.given.items():
        if set(vocabulary.words(key)) & {"database", "reassigned"}:
            _confirmed(story, _check_date(story, value))


def is_read_there(story: Story, item: dict[str, Any]) -> bool:
    """Tell whether an event of a timeline is about provenance, and is read here alone."""
    said = set(vocabulary.words(item.get("ev", "")))
    if _is_leak(said) or _is_employers(said) or _is_check(said) or _is_entry(item, said):
        return True
    if "creditor" in said and said & {"notice", "used", "uses"} and "original" not in said:
        return True
    return "consent" in said and _medium(story, item, said) is not None


def _item(story: Story, item: dict[str, Any]) -> None:
    said = set(vocabulary.words(item.get("ev", "")))
    at = moments.instant(item["at"], story.where) if "at" in item else story.anchor
    label = labels.label_of(item)
    if _is_leak(said):
        medium = "email" if label is None or "@" in str(label) else "text"
        point = story.address(label, medium)
        seen = facts.ThirdPartyDisclosure(contact_point_id=point, learned_at=at)
        story.tell(at, f"seen-{label}", seen)
    elif _is_employers(said):
        _employers(story, label)
    elif _is_check(said):
        _checked(story, item, at)
    elif _is_entry(item, said):
        is_number = "@" not in str(label) and bool(said & {"number", "mobile", "phone"})
        story.spoken_of.add("text" if is_number else "email")
        if not (_is_disclosed(item) or _is_disclosed(_beside(story))) or not _is_consumers(item):
            return
        if is_number:
            _tell_text(story, at, "direct_consent", None, label)
        else:
            _consented(story, item, at, "email")
    elif "consent" in said:
        _consent(story, item, said, at)
    elif "creditor" in said and "notice" in said:
        creditor_notices.tell(
            story, at, item.get("deadline"), creditor_notices.notice_of(item), label
        )


# -- prior collectors -----------------------------------------------------------------------------


def _chain(story: Story) -> None:
    given = story.given
    chain = given.get("placement_chain", given.get("collectors"))
    if not isinstance(chain, list):
        return
    names = [str(each) for each in chain if "creditor" not in str(each)]
    collectors = tuple(_prior(given.get(name) or {}) for name in names[:-1])
    story.spoken_of.add("email")
    story.tell(
        story.start,
        "chain",
        MessageConsent(
            medium="email",
            procedure="prior_collector",
            given_at=story.start - _LONG_AGO,
            given_to="prior_collector",
            prior_collectors=collectors or (PriorCollector(),),
        ),
    )
    if any(value is True for key, value in given.items() if "disclosure" in key):
        point = story.address(None, "email")
        seen = facts.ThirdPartyDisclosure(contact_point_id=point, learned_at=story.start)
        story.tell(story.start, "seen", seen)


def _prior(said: dict[str, Any]) -> PriorCollector:
    found = {"obtained_properly": False, "used": False, "opted_out": False}
    for key, value in said.items():
        words = set(vocabulary.words(key))
        for name, meant in (("obtained_properly", "obtained"), ("used", "used")):
            if meant in words:
                found[name] = bool(value)
        if words & {"opted", "opt"}:
            found["opted_out"] = bool(value)
    return PriorCollector(**found)


# -- texts ----------------------------------------------------------------------------------------


def _texts(story: Story, reference: datetime) -> None:
    """Read what `given` says outright of texts, consents to them, and database checks."""
    used: dict[str, datetime] = {}
    checked: datetime | None = None
    for key, value in story.given.items():
        words = set(vocabulary.words(key))
        if words & {"database", "reassigned"}:
            checked = _check_date(story, value) or checked
            continue
        if not words & {"text", "texts", "texted"}:
            continue
        story.spoken_of.add("text")
        procedure = "direct_consent" if "consent" in words else "consumer_used"
        if moments.dates_of(value) or isinstance(value, datetime):
            at = moments.instant(value, story.where)
            used[procedure] = max(at, used.get(procedure, at))
        elif value is True or (isinstance(value, int) and value > 0):
            used.setdefault(procedure, reference - timedelta(days=1))
    for key, value in story.given.items():
        words = set(vocabulary.words(key))
        if "consent" in words and words & {"renewed", "renewal"} and "direct_consent" in used:
            used["direct_consent"] = moments.instant(value, story.where)
    for procedure, at in used.items():
        _tell_text(story, at, procedure, checked, None)


def _use(story: Story, item: dict[str, Any]) -> None:
    """Read that the consumer used an address or number to write to the collector."""
    said = set(vocabulary.words(item.get("ev", "")))
    medium = vocabulary.channel_of(item.get("ev", ""))
    is_ours = str(item.get("from", CONSUMER)) in (CONSUMER, "consumer")
    is_inbound = said & {"received", "inbound"} or (
        "consumer" in said and said & {"emailed", "texted", "wrote", "sent"}
    )
    if medium not in ("email", "text") or not is_inbound or not is_ours:
        return
    if not story.is_on_trial(medium):
        return
    at = moments.instant(item["at"], story.where) if "at" in item else story.anchor
    story.tell(
        max(at, story.start),
        f"{medium}-consumer_used-{labels.label_of(item)}",
        MessageConsent(
            medium=medium,
            procedure="consumer_used",
            given_at=at,
            contact_point_id=story.address(labels.label_of(item), medium),
        ),
    )


def _tell_text(
    story: Story, at: datetime, procedure: str, checked: datetime | None, label: object
) -> None:
    story.spoken_of.add("text")
    story.tell(
        max(at, story.start),
        f"text-{procedure}-{label}",
        MessageConsent(
            medium="text",
            procedure=procedure,  # type: ignore[arg-type]
            given_at=at,
            confirmed_at=checked if checked is not None and checked >= at else None,
            contact_point_id=story.address(label, "text") if label else None,
        ),
    )


def _check_date(story: Story, said: Any) -> datetime | None:
    """Return when a database showed that a number was not reassigned."""
    if isinstance(said, dict):
        at = said.get("at", said.get("date", said.get("checked")))
        is_good = _shows_none(said)
        return moments.instant(at, story.where) if at is not None and is_good else None
    return moments.instant(said, story.where) if moments.dates_of(said) else None


_RESULT = frozenset({"result", "answer", "reassigned", "shows"})
_STILL_THEIRS = frozenset({"no", "false", "not_reassigned", "not reassigned", "none", "clear"})


def _shows_none(said: dict[str, Any]) -> bool:
    answers = [
        str(value).lower() for key, value in said.items() if _RESULT & set(vocabulary.words(key))
    ]
    return set(answers) <= _STILL_THEIRS


def _checked(story: Story, item: dict[str, Any], at: datetime) -> None:
    if _shows_none(item):
        since = moments.dates_of(item.get("since", ""))
        _confirmed(story, at, since[-1] if since else None)


def _confirmed(story: Story, at: datetime | None, since: date | None = None) -> None:
    """Let a database have shown that the numbers in use were still the consumer's.

    It must have looked back as far as their last use: `since` is from when on.
    """
    if at is None:
        return
    for name in [each for each in story.labels() if each.startswith("text-")]:
        known = story.latest(name)
        if not isinstance(known, MessageConsent) or known.given_at > at:
            continue
        if since is None or since <= story.today(known.given_at):
            story.change(at, name, confirmed_at=at)


# -- consents and addresses -----------------------------------------------------------------------


def _consent(story: Story, item: dict[str, Any], said: set[str], at: datetime) -> None:
    medium = _medium(story, item, said) or "email"
    story.spoken_of.add(medium)
    if said & {"withdrawn", "revoked", "withdraws", "revokes"}:
        for name in [each for each in story.labels() if each.startswith(f"{medium}-")]:
            story.change(at, name, withdrawn_at=at)
    elif medium == "text" and _to(item) == "this_collector":
        _tell_text(story, at, "direct_consent", None, labels.label_of(item))
    else:
        _consented(story, item, at, medium)


def _consented(story: Story, item: dict[str, Any], at: datetime, medium: str) -> None:
    label = labels.label_of(item)
    story.tell(
        at,
        f"{medium}-direct_consent-{label}",
        MessageConsent(
            medium=medium,  # type: ignore[arg-type]
            procedure="direct_consent",
            given_at=at,
            given_to=_to(item),  # type: ignore[arg-type]
            contact_point_id=story.address(label, medium) if label else None,
        ),
    )


def _to(item: dict[str, Any]) -> str:
    return _GIVEN_TO.get(str(item.get("to", item.get("given_to", "this_collector"))), "creditor")


def _medium(story: Story, item: dict[str, Any], said: set[str]) -> str | None:
    """Return the medium that a consent is for, if it is one to messages at all."""
    label = labels.label_of(item)
    if "@" in str(label) or said & {"email", "emails"}:
        return "email"
    if said & {"text", "texts"} or (label is not None and story.is_on_trial("text")):
        return "text"
    wanted = str(item.get("for", item.get("scope", "")))
    channel = vocabulary.channel_of(wanted)
    if channel in ("email", "text"):
        return channel
    if story.is_on_trial("text") or story.is_on_trial("email"):
        return "text" if story.is_on_trial("text") else "email"
    return None


def _domains(story: Story) -> None:
    """Read what is said of the address's own domain and of who provides it."""
    given = story.given
    said = given.get("email") if isinstance(given.get("email"), dict) else given
    _domains_of(story, said or {})


def _is_told_employers(entry: dict[str, Any]) -> bool:
    """Tell whether somebody said that an employer provides an address."""
    text = " ".join(f"{key} {value}" for key, value in entry.items() if value is not False)
    if "employer" not in text:
        return False
    return not any(
        str(value).lower() in ("nobody", "none", "no_one", "false")
        for key, value in entry.items()
        if "told" in str(key) or "informed" in str(key)
    )


_WAYS: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"prior", "collector"}), "prior_collector"),
    (frozenset({"direct", "consent"}), "direct_consent"),
    (frozenset({"consented"}), "direct_consent"),
    (frozenset({"prior", "consent"}), "direct_consent"),
    (frozenset({"consent", "collector"}), "direct_consent"),
    (frozenset({"consumer", "used"}), "consumer_used"),
    (frozenset({"used", "by", "consumer"}), "consumer_used"),
    (frozenset({"consumer", "use"}), "consumer_used"),
    (frozenset({"consumer", "uses"}), "consumer_used"),
    (frozenset({"consumer", "emailed"}), "consumer_used"),
    (frozenset({"consumer", "wrote"}), "consumer_used"),
)
_PARAGRAPHS = {"iii": "prior_collector", "ii": "creditor_notice", "i": "direct_consent"}


def _paths(story: Story, reference: datetime) -> None:
    """Read by which way an address came into use, where an example only says so."""
    if not story.is_on_trial("email"):
        return
    for key, value in story.given.items():
        words = set(vocabulary.words(key))
        if value is True:
            way = next((way for names, way in _WAYS if names <= words), None)
        elif words & {"path", "procedure"} or labels.is_paragraph(value):
            way = _way_in(value)
        else:
            way = None
        if way is not None:
            _tell_way(story, reference - _LONG_AGO, way)


def _goes_by(story: Story, reference: datetime, said: dict[str, Any]) -> None:
    label = labels.label_by_way(said)
    way = next((way for value in said.values() if (way := _way_in(value)) is not None), None)
    if way == "direct_consent" and vocabulary.words(label)[-1] == "a":
        way = "consumer_used"
    story.spoken_of.add("email")
    point = story.address(label, "email")
    if way is not None:
        story.tell(
            story.start,
            f"email-{label}",
            MessageConsent(
                medium="email",
                procedure=way,  # type: ignore[arg-type]
                given_at=reference - _LONG_AGO,
                contact_point_id=point,
            ),
        )
    if _is_told_of(story, labels.label_of(said)):
        _employers(story, label)


def _is_told_of(story: Story, address: object) -> bool:
    """Tell whether an example says that an employer provides an address, or the only one."""
    is_given = any(
        value not in (False, None, "no", "unknown") and _is_of_employer(set(vocabulary.words(key)))
        for key, value in story.given.items()
    )
    return is_given or any(
        _is_employers(set(vocabulary.words(item.get("ev", ""))))
        and (address is None or labels.label_of(item) in (None, address))
        for item in story.given.get("timeline") or []
    )


def _way_in(said: object) -> str | None:
    """Return the procedure that a value names, by its paragraph or in words."""
    words = vocabulary.words(said) if isinstance(said, str) else []
    if (paragraph := labels.paragraph_of(said)) is not None:
        return _PARAGRAPHS[paragraph]
    if {"creditor", "notice"} <= set(words):
        return "creditor_notice"
    return next((way for names, way in _WAYS if names <= set(words)), None)


def _informed(story: Story) -> None:
    """Read that somebody, whoever it was, told that an employer provides the address."""
    if story.given.get("rule") != "REGF-EMPLOYER-EMAIL":
        return
    for key, value in story.given.items():
        words = set(vocabulary.words(key))
        is_somebody = isinstance(value, str) and value.lower() not in _NOBODY
        if is_somebody and words & {"informant", "informed", "told"}:
            _employers(story, None)


_NOBODY = frozenset({"none", "nobody", "no_one", "false", "no"})


def _is_of_employer(words: set[str]) -> bool:
    return "employer" in words and bool(words & {"provided", "provides", "email", "address"})


def _tell_way(story: Story, at: datetime, way: str) -> None:
    story.tell(
        story.start,
        f"email-way-{way}",
        MessageConsent(medium="email", procedure=way, given_at=at),  # type: ignore[arg-type]
    )


def _domains_of(story: Story, said: dict[str, Any]) -> None:
    changes: dict[str, Any] = {}
    for key, value in said.items():
        words = set(vocabulary.words(key))
        if _is_of_employer(words):
            if value not in (False, None, "no", "unknown", "nobody", "none", "no_one"):
                _employers(story, labels.label_of(said))
        elif "domain" in words and not isinstance(value, list):
            changes["is_public_domain"] = value is True or is_public(str(value))
    if changes:
        story.address(labels.label_of(said), "email", **changes)


def _employers(story: Story, label: object) -> None:
    known = facts.EmployerAddress(
        contact_point_id=story.address(label, "email"), learned_at=story.start
    )
    story.tell(story.start, f"employer-{label}", known)


def is_public(domain: str) -> bool:
    """Tell whether a domain, with what is said of it, is open to the general public."""
    name, _, description = domain.partition("(")
    words = set(vocabulary.words(description or ("" if "." in name else name)))
    if words & {"employer", "employees", "members", "students", "reserved", "not", "private"}:
        return False
    return bool(words & {"public", "anyone"})


# -- telling events apart -------------------------------------------------------------------------


def _is_leak(said: set[str]) -> bool:
    return {"third", "party"} <= said and bool(said & (_SEEN | {"informed", "told", "learned"}))


def _is_employers(said: set[str]) -> bool:
    return "employer" in said and bool(said & {"provided", "address", "email"})


def _is_check(said: set[str]) -> bool:
    return bool(said & {"database", "reassigned"})


def _is_entry(item: dict[str, Any], said: set[str]) -> bool:
    """Tell whether the consumer gave an address away, as on a portal, rather than wrote from it."""
    is_given = "consent" not in said and said & {
        "entered", "enters", "provided", "provides", "gave", "given", "gives", "supplied",
        "submitted",
    }  # fmt: skip
    return bool(is_given) and (
        bool(said & {"email", "address"})
        or "@" in str(labels.label_of(item))
        or (bool(said & {"number", "mobile", "phone"}) and _is_disclosed(item))
    )


_DISCLOSING = frozenset(
    {"disclosure", "disclosures", "disclosed", "discloses", "clear", "clearly", "conspicuous",
     "conspicuously", "consent"}
)  # fmt: skip
_MAY_USE = {"may", "use"}
_UNSAID = frozenset({"not", "no", "without", "un", "hidden", "unclear", "inconspicuous", "buried"})


def _is_disclosed(item: dict[str, Any]) -> bool:
    """Tell whether it was made clear that giving the address is consent to its use."""
    told = [
        bool(value)
        and not _UNSAID & set(vocabulary.words(key))
        and str(value).lower() not in _NOBODY
        and not (isinstance(value, str) and _UNSAID & set(vocabulary.words(value)))
        for key, value in item.items()
        if (words := set(vocabulary.words(key))) & _DISCLOSING or _MAY_USE <= words
        if not isinstance(value, dict | list)
    ]
    return bool(told) and all(told)


def _beside(story: Story) -> dict[str, Any]:
    """Return what an example says of a disclosure apart from any event: none to a third party."""
    said: dict[str, Any] = {}
    for key, value in story.given.items():
        words = set(vocabulary.words(key))
        if isinstance(value, dict) and words & (_DISCLOSING | {"portal", "website", "site"}):
            said |= value
        elif not words & {"third", "party", "prohibited", "consent", "notice", "required"}:
            said[key] = value
    return said


def _is_consumers(item: dict[str, Any]) -> bool:
    """Tell whether it was the consumer who gave an address away, as where nobody is named."""
    return str(item.get("by", CONSUMER)).lower() in (CONSUMER.lower(), "consumer", "the_consumer")
