"""Checks examples of states, cities and the TCPA: what they give of contacts, notices and lines.

A veto must come from the law that the example is about, not from another that happens to agree.
"""

import re
from datetime import date, datetime, timedelta
from typing import Any

from services.compliance.rules import facts
from services.compliance.rules.book import Book
from services.compliance.rules.check import (
    acts,
    asked,
    moments,
    precedence,
    statements,
    told_validation,
    trace,
    validating,
    vocabulary,
)
from services.compliance.rules.check.acts import Ask
from services.compliance.rules.check.driver import DeciderDriver, Decision
from services.compliance.rules.check.running import DriverFactory, Run
from services.compliance.rules.check.story import CONSUMER, Story
from services.compliance.rules.contact import (
    automated_consent_revoked,
    revocation_confirmation,
    solicitation_hours,
)
from services.compliance.rules.facts import Channel
from services.compliance.rules.pack import Terms
from services.compliance.rules.request import TELEPHONE
from shared.kernel.records import replace

_YEAR = timedelta(days=365)
_SENT: dict[str, str] = {"text": "text_sent", "email": "email_sent", "letter": "letter_sent"}
_COUNTED = frozenset(
    {"workplace", "work", "employment", "electronic", "messages", "emails", "texts", "letters"}
)
_INBOUND = frozenset({"inbound", "incoming", "received"})
_SOLICITS = frozenset({"solicitation", "solicit", "marketing", "sale", "sales", "advertising"})
_REVOKED = ("received", "received_at", "revoked", "revoked_at", "revocation_received")
_STRICTER_IN_REGULATION_F = frozenset({"TCPA-SOLICITATION-HOURS", "TCPA-REVOCATION-CONFIRM"})
_ON_TRIAL = ("STATE-", "TCPA-")


def mismatches(
    vector: dict[str, Any], driver_factory: DriverFactory, book: Book
) -> tuple[list[str], list[str]]:
    """Return what differs from what an example expects, and its keys that nobody compared."""
    given, when, then = vector["given"], vector["when"], vector["then"]
    law = str(vector.get("rule", ""))
    if vector["kind"] == "decision" and not acts.said_acts(when) and not law.startswith(_ON_TRIAL):
        return precedence.mismatches(vector, driver_factory, book)
    run = Run(given, when, driver_factory(), book)
    _tell(run, law)
    decisions = run.decisions() if vector["kind"] == "decision" else []
    differing, unchecked = [], []
    for key, expected in then.items():
        answer = asked.answer_to(_ANSWERS, key)
        if answer is None:
            unchecked.append(key)
            continue
        found = answer(run, decisions, expected, law)
        trace.answer(key, found)
        if str(found) != str(expected):
            reasons = "; ".join(",".join(each.laws or each.flags) or "-" for each in decisions)
            differing.append(f"{key}: expected {expected}, got {found} ({reasons})")
    return differing, unchecked


# -- what is given --------------------------------------------------------------------------------


def _tell(run: Run, law: str) -> None:
    given, story = run.given, run.story
    if not run.asks:
        return
    _debt(story, run.asks[-1].at)
    run.asks = [
        replace(each, request=_requested(run, law, each, number))
        for number, each in enumerate(run.asks)
    ]
    last = run.asks[-1].at
    for key, said in given.items():
        words = set(vocabulary.words(key))
        if "contacts" in words and isinstance(said, dict):
            for kind, count in said.items():
                _made_as_said(run, last, kind, count)
        elif words & _COUNTED and isinstance(said, int) and not isinstance(said, bool):
            _made_as_said(run, last, key, said)
    if given.get("reachable_at_home") is False:
        _attempt(story, last - timedelta(days=1), "call", "home", "no_answer")
    if given.get("asked_not_to_call_at_work"):
        statements.hear(story, story.start, "do not call me at work")
    _prerecorded(run)
    if law.startswith("TCPA-REVOCATION") and any(key in given for key in _REVOKED):
        statements.opt_out(story, _received(run), "text", None)
    _notices(run, law)
    _substantiation(run)


def _made_as_said(run: Run, before: datetime, kind: str, count: int) -> None:
    """Let as many contacts have been made as a key counts, of the medium and place it names."""
    words = set(vocabulary.words(kind))
    if words & _INBOUND:
        return  # what the person sends is no contact of ours
    electronic: Channel | None = "email" if words & {"electronic"} else None
    channel = vocabulary.channel_of(kind) if electronic is None else electronic
    at_work = words & {"workplace", "work", "employer", "employment"}
    _made(run, before, channel or "call", count, "workplace" if at_work else None, kind)


def _made(
    run: Run, before: datetime, channel: Channel, count: int, point: object, key: str
) -> None:
    """Let so many contacts have been made in the days before the act on trial."""
    said_days = re.search(r"(\d+)_days", str(key))
    days = int(said_days.group(1)) - 1 if said_days else 6
    dates = moments.last_days(run.story.today(before), days)
    for at in moments.spread(int(count), dates, run.story.where):
        _attempt(run.story, at, channel, point, _SENT.get(channel, "no_answer"))


def _attempt(
    story: Story, at: datetime, channel: Channel, point: object, outcome: str, **more: Any
) -> None:
    story.make(at, story.request(CONSUMER, channel, (), point, **more), outcome)


def _debt(story: Story, at: datetime) -> None:
    debt = story.given.get("debt")
    if not isinstance(debt, dict):
        return
    (account_id,) = story.default_account()
    label = next(iter(story.debts))
    if "type" in debt:
        known = story.book.federal("product-type-unknown").names["product_types"]
        story.tell(
            story.start,
            f"account-{label}",
            facts.AccountKnown(
                account_id=account_id,
                product_type=vocabulary.product_of(debt["type"], known),
            ),
        )
    if debt.get("time_barred"):
        is_obsolete = any(debt[key] for key in debt if "obsole" in str(key))
        today = story.today(at)
        story.tell(
            story.start,
            "limitation",
            facts.LimitationPeriod(
                account_id=account_id,
                barred_from=today - _YEAR,
                obsolete_from=today - _YEAR / 2 if is_obsolete else today + _YEAR,
            ),
        )


def _requested(run: Run, law: str, ask: Ask, number: int) -> Any:
    """Return the request with the line, the technology and the notices that an act names."""
    given, story = run.given, run.story
    acts = run.when.get("acts")
    said = acts[number] if isinstance(acts, list) and number < len(acts) else run.when
    changes: dict[str, Any] = {}
    call = given.get("call")
    call = call if isinstance(call, dict) else {}
    if ask.request.channel in {*TELEPHONE, "text"}:
        changes["technology"] = _technology({**given, **call, **said})
        line = said.get("line", call.get("line", given.get("line")))
        if line is not None:
            label = "home" if str(line) in ("residential", "landline", "home") else str(line)
            changes["contact_point_id"] = story.point(ask.request.channel, label, CONSUMER)
    purpose = set(vocabulary.words(said.get("purpose", call.get("purpose", ""))))
    if purpose & _SOLICITS:
        changes["purpose"] = "telephone_solicitation"
    if "notice" in said:
        changes["disclosures"] = _disclosed(str(said["notice"]), _codes(run.book, law))
    return replace(ask.request, **changes)


_RECORDED = frozenset({"prerecorded", "artificial", "recorded", "robocall", "robocalls"})
_DIALED = frozenset(
    {"autodialed", "autodialer", "autodial", "atds", "automatic", "automated", "autodialing"}
)
_TECHNOLOGY = frozenset(
    {"act", "technology", "dialing", "dialer", "equipment", "system", "voice", "method"}
)
_BY_HAND = frozenset({"manual", "manually", "live", "human", "agent", "hand", "click"})


def _technology(said: dict[str, Any]) -> str:
    """Return how a call or text is made, by the act itself or by what is said of it."""
    named = {key: value for key, value in said.items() if isinstance(value, str)}
    words = {
        word
        for key, value in named.items()
        if _TECHNOLOGY & set(vocabulary.words(key))
        for word in vocabulary.words(value)
    }
    words |= {word for key, value in said.items() if value is True
              for word in vocabulary.words(key)}  # fmt: skip
    if words & _BY_HAND:
        return "live"
    return "prerecorded" if words & _RECORDED else "autodialed" if words & _DIALED else "live"


def _prerecorded(run: Run) -> None:
    given, story = run.given, run.story
    line = "home" if str(given.get("line", "residential")) != "wireless" else "mobile"
    for said in given.get("prerecorded_calls", []):
        at = moments.instant(said, story.where)
        _attempt(story, at, "call", line, "no_answer", technology="prerecorded")
    if any(value is True and _is_express_consent(key) for key, value in given.items()):
        story.tell(story.start, "automated", facts.AutomatedConsent(given_at=story.start))
        for point in {each.request.contact_point_id for each in run.asks} - {None}:
            looked_up = facts.ReassignmentCheck(
                contact_point_id=str(point),
                checked_at=story.start,
                answer="no",
                consent_on=story.today(story.start) - timedelta(days=1),
            )
            story.tell(story.start, f"looked-up-{point}", looked_up)


def _is_express_consent(key: object) -> bool:
    words = set(vocabulary.words(key))
    return "consent" in words and words <= {
        "consent",
        "prior",
        "express",
        "written",
        "given",
        "has",
    }


def _notices(run: Run, law: str) -> None:
    story = run.story
    for key, said in run.given.items():
        words = set(vocabulary.words(key))
        if "notice" not in words or not words & {"mailed", "sent"} or said in _NEVER:
            continue
        at = moments.instant(said, story.where)
        for code in _codes(run.book, law):
            (account_id,) = story.default_account()
            story.tell(
                at,
                f"notice-{code}",
                facts.NoticeSent(account_id=account_id, notice=code, sent_at=at),
            )


_NEVER = (None, False, "none", "never", "no")
_PROVEN = frozenset({"substantiated", "substantiates", "proven", "provided", "sent", "answered"})


def _substantiation(run: Run) -> None:
    """Tell of a request to substantiate a debt, and of its answer."""
    story = run.story
    told = [(each.get("ev", ""), each.get("at")) for each in run.given.get("timeline") or []]
    told += [(key, value) for key, value in run.given.items() if moments.dates_of(value)]
    (account_id,) = story.default_account()
    for said, when in told:
        words = set(vocabulary.words(said))
        if not any(each.startswith("substantiat") for each in words) or when is None:
            continue
        at = moments.instant(when, story.where)
        if words & _PROVEN:
            story.change(at, "substantiation", is_substantiated=True)
        else:
            request = facts.SubstantiationRequest(account_id=account_id, received_at=at)
            story.tell(at, "substantiation", request)


def _codes(book: Book, law: str) -> tuple[str, ...]:
    """Return the codes of the notices that a law asks for."""
    return tuple(
        dict.fromkeys(
            code
            for terms in _terms_of(book, law)
            for key in ("notices", "obsolete_notices")
            for code in terms.names.get(key, ())
        )
    )


def _terms_of(book: Book, law: str) -> list[Terms]:
    return [terms for pack in book.packs for terms in pack.terms if terms.law == law]


def _disclosed(said: str, codes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the code whose wording an example means: what it says of suing and of reporting."""
    words = vocabulary.words(said)
    if not codes or set(words) & {"none", "no", "absent"} == set(words):
        return ()
    text = "_".join(words)
    may_not = re.search(r"report(ing)?_no|(will|may)_not_report|no_report(?!_yes)", text)
    wanted = "not_report" if may_not else "may_report"
    fitting = [each for each in codes if wanted in each]
    return tuple(fitting[:1] or codes[:1])


# -- what is answered -----------------------------------------------------------------------------


def _outcome(decision: Decision) -> str:
    if decision.verdict == "permit":
        return "allow_with_flag" if decision.flags else "allow"
    return "flag" if decision.verdict == "review" else "deny"


def _decided(decision: Decision, expected: str, law: str) -> str:
    """Return a decision in the example's words; a veto by another law only is no match."""
    found = _outcome(decision)
    if found == "deny" and law.startswith(_ON_TRIAL) and law not in decision.laws:
        return found if law in _STRICTER_IN_REGULATION_F else "deny by another law"
    # "Deny if counting all forms": we count them. "Require" is a veto until it is there.
    is_meant = str(expected).startswith(("deny", "require", "defer"))
    return str(expected) if found == "deny" and is_meant else found


def _decision(run: Run, decisions: list[Decision], expected: Any, law: str) -> Any:
    return _decided(decisions[-1], str(expected), law)


def _decisions(run: Run, decisions: list[Decision], expected: Any, law: str) -> Any:
    return [
        _decided(each, str(wanted), law) for each, wanted in zip(decisions, expected, strict=True)
    ]


def _of_states(run: Run, decisions: list[Decision], expected: Any, law: str) -> Any:
    return ["deny" if _stately(each) else "allow" for each in decisions]


def _of_federal_law(run: Run, decisions: list[Decision], expected: Any, law: str) -> Any:
    return ["deny" if set(each.laws) - set(_stately(each)) else "allow" for each in decisions]


def _stately(decision: Decision) -> list[str]:
    return [each for each in decision.laws if each.startswith(("STATE-", "LICENSING"))]


def _on_time(run: Run, decisions: list[Decision], expected: Any, law: str) -> Any:
    """Ask for a call after each day on which the notices that the law asks for may have gone."""
    codes = _codes(run.book, law)
    sent = validating.sent_days(run.when)
    if not codes or not sent:
        raise LookupError("no notice of this law, or no day on which it was sent")
    found = [_is_in_time(run, law, codes, each) for each in sent]
    return found if isinstance(expected, list) else found[0]


def _is_in_time(run: Run, law: str, codes: tuple[str, ...], sent_on: date) -> bool:
    """Ask at the first instant of that day: a law that objects then was not met in time."""
    story = run.story
    initial = told_validation.initial_communication(run.given, story)
    if initial is None:
        raise LookupError("nothing says when the initial communication was")
    given = {**run.given, "rule": "REGF-VALIDATION"}
    driver = DeciderDriver(run.book, "none")
    again = Run(given, {}, driver, run.book)
    (account_id,) = again.story.default_account()
    first = facts.InitialCommunication(account_id=account_id, at=initial[0], holds_validation=True)
    again.story.tell(initial[0], "initial-communication", first)
    again.tell_until(None)
    at = moments.instant(sent_on, again.story.where, moments.ASKED_AT)
    request = again.story.request(CONSUMER, "letter", ())
    return law not in driver.ask(at, request).laws


def _because(run: Run, decisions: list[Decision], expected: Any, law: str) -> Any:
    return expected if expected in decisions[-1].laws else ", ".join(decisions[-1].laws)


def _hours_apply(run: Run, decisions: list[Decision], expected: Any, law: str) -> bool:
    terms = run.book.federal("solicitation-hours")
    return any(solicitation_hours.applies(terms, each.request.purpose) for each in run.asks)


def _received(run: Run) -> datetime:
    for key in _REVOKED:
        if key in run.given:
            return moments.instant(run.given[key], run.story.where)
    raise KeyError("nothing says when the consent was revoked")


def _tcpa_latest(run: Run, decisions: list[Decision], expected: Any, law: str) -> str:
    terms = run.book.federal("automated-consent-revoked")
    revoked_on: date = run.story.today(_received(run))
    return automated_consent_revoked.honored_by(terms, revoked_on).isoformat()


def _regulation_f(run: Run, decisions: list[Decision], expected: Any, law: str) -> str:
    """Opt out as the example says and ask again a second later, as production would be asked."""
    story, received = run.story, _received(run)
    at = max(received, run.story.anchor) + timedelta(seconds=1)
    statements.opt_out(story, received, "text", None)
    run.asks = [
        Ask(at=at, asked_at=at, request=story.request(CONSUMER, "text", ()), outcome="text_sent")
    ]
    (decision,) = run.decisions()
    return "immediate" if "opted-out-medium" in decision.rules else "later"


def _presumed(run: Run, decisions: list[Decision], expected: Any, law: str) -> Any:
    terms = run.book.federal("revocation-confirmation")
    received = _received(run)
    found = [
        revocation_confirmation.is_presumed_welcome(terms, received, each.at) for each in run.asks
    ]
    return found if isinstance(expected, list) else found[0]


_ANSWERS = {
    "decision": _decision,
    "decisions": _decisions,
    "state_decisions": _of_states,
    "federal_decisions": _of_federal_law,
    "on_time": _on_time,
    "because": _because,
    "tcpa_hours_rule_applies": _hours_apply,
    "tcpa_latest": _tcpa_latest,
    "regulation_f": _regulation_f,
    "presumed_within_consent": _presumed,
}
