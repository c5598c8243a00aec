"""Checks examples on acts other than contacts, and on the bankruptcies that bar both."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from services.compliance.rules.act_request import (
    Act,
    ActRequest,
    AllocatePayment,
    Allocation,
    DepositInstrument,
    Furnish,
    Transfer,
)
from services.compliance.rules.acts.service_interest_cap import InterestCap, interest_cap
from services.compliance.rules.bankruptcies import is_stayed
from services.compliance.rules.book import Book
from services.compliance.rules.check import (
    acts,
    asked,
    limitations,
    moments,
    other_acts,
    other_facts,
    trace,
    vocabulary,
)
from services.compliance.rules.check.deciding import outcome_of
from services.compliance.rules.check.driver import Decision
from services.compliance.rules.check.running import DriverFactory, Run
from services.compliance.rules.check.said import Said
from services.compliance.rules.check.story import Story
from services.compliance.rules.facts import DebtHistory
from services.compliance.rules.reach import is_about_the_debt
from shared.kernel.records import replace

NOTICE_FLAG = "time-barred-notice"


class Told:
    """One example told to a fresh driver, and asked act by act."""

    def __init__(
        self,
        vector: dict[str, Any],
        driver_factory: DriverFactory,
        book: Book,
        *,
        is_known_at_once: bool = False,
    ) -> None:
        self.given: dict[str, Any] = vector["given"]
        self.book = book
        self.driver_factory = driver_factory
        self.said = _said(vector)
        told = {
            key: value for key, value in self.given.items() if key not in _OURS or key == "debt"
        }
        if isinstance(told.get("debt"), str):
            told.pop("debt")  # its status, not its label
        # Suit goes by the law of places too: one whose period was read adds no doubt of its own.
        self.run = Run(
            {"default_states": ("AZ",), **told}, {"acts": self.said}, driver_factory(), book
        )
        self.run.story.given = self.given
        self.case = other_facts.tell(
            self.run.story, str(vector.get("rule", "")), is_known_at_once=is_known_at_once
        )

    @property
    def story(self) -> Story:
        """Return what was told."""
        return self.run.story

    def decisions(self) -> list[Decision]:
        """Judge the acts in order."""
        return [self._decide(each) for each in self.said]

    def instants(self) -> list[datetime]:
        """Return when each act takes place."""
        return [self._at(each) for each in self.said]

    def clear(self, at: datetime, act: Act, accounts: tuple[str, ...] = ()) -> Decision:
        """Ask for clearance of one act."""
        self.run.tell_until(at)
        story = self.run.story
        trace.note(at, act, accounts)
        return self.run.driver.clear(
            at,
            ActRequest(
                consumer_id=story.name("cns", "P1"),
                account_ids=accounts or story.default_account(),
                party_id=story.name("cns", "P1"),
                act=act,
            ),
        )

    def _decide(self, said: dict[str, Any]) -> Decision:
        story = self.run.story
        act = other_acts.read(story, said)
        at = self._at(said)
        if act is not None:
            return self.clear(
                at, act, story.accounts(said.get("debts", said.get("debt", [])) or [])
            )
        (ask,) = acts.asks(story, {"acts": [said]})
        self.run.tell_until(ask.asked_at)
        return self.run.judge(ask)

    def _at(self, said: dict[str, Any]) -> datetime:
        if "deposit" in said:
            return moments.instant(said["deposit"], self.run.story.where, moments.ASKED_AT)
        (ask,) = acts.asks(self.run.story, {"acts": [said]})
        return ask.at


_OURS = frozenset({"debt", "acts", "instrument", "payment", "notice", "dispute_flag"})


def _said(vector: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the acts asked about, those without a name as deposits, or those of `given`."""
    when, given = vector["when"], vector["given"]
    listed = when.get("acts", [when] if "act" in when else given.get("acts", []))
    return [each if isinstance(each, dict) else {"act": each} for each in listed]


def is_about_other_acts(vector: dict[str, Any]) -> bool:
    """Tell whether an example asks only about acts that are no contacts."""
    said = _said(vector)
    return bool(said) and all(other_acts.is_named(each) for each in said)


def mismatches(
    vector: dict[str, Any], driver_factory: DriverFactory, book: Book
) -> tuple[list[str], list[str]]:
    """Return what differs from what an example expects, and its keys that nobody compared."""
    if vector["kind"] == "decision":
        return _decided(vector, driver_factory, book)
    differing: list[str] = []
    unanswered: list[str] = []
    told = Told(vector, driver_factory, book)
    for key, expected in vector["then"].items():
        answer = _answer_to(vector, key)
        if answer is None:
            unanswered.append(key)
            continue
        found = answer(told, expected)
        trace.answer(key, found)
        if found != expected and str(found) != str(expected):
            differing.append(f"{key}: expected {expected}, got {found}")
    return differing, unanswered


def _answer_to(vector: dict[str, Any], key: str) -> Callable[[Told, Any], Any] | None:
    """Return what answers a key: in the areas of acts alone some mean something of their own."""
    own = _OF_AREAS.get(str(vector["area"]), {})
    return asked.answer_to(own, key) or asked.answer_to(ANSWERS, key)


# -- decisions ------------------------------------------------------------------------------------


def _decided(
    vector: dict[str, Any], driver_factory: DriverFactory, book: Book
) -> tuple[list[str], list[str]]:
    then = vector["then"]
    told = Told(vector, driver_factory, book)
    expected = then.get("decisions", [then["decision"]] if "decision" in then else [])
    found = _judged_apart(vector, driver_factory, book) or told.decisions() or [_kept(told)]
    known = found
    if "deny_if_known" in expected:
        known = Told(vector, driver_factory, book, is_known_at_once=True).decisions()
    differing = []
    is_met = len(expected) == len(found) and all(map(_is_met, expected, found, known))
    law = str(vector.get("rule", ""))
    if law.startswith("STATE-"):
        # A veto by another law only is no match for one that the state's own should give.
        is_met = is_met and all(law in each.laws for each in found if outcome_of(each) == "deny")
    if not is_met:
        reasons = [",".join(each.rules or each.flags) or "-" for each in found]
        got = [outcome_of(each) for each in found]
        differing.append(f"expected {expected}, got {got} ({'; '.join(reasons)})")
    unchecked = []
    for key, wanted in then.items():
        if key in ("decision", "decisions", "stay_applies"):
            continue
        answer = asked.answer_to(limitations.ANSWERS, key)
        if answer is None:
            unchecked.append(key)
        elif (came_to := answer(told, wanted)) != wanted and str(came_to) != str(wanted):
            differing.append(f"{key}: expected {wanted}, got {came_to}")
    if "stay_applies" in then:
        stays = _stays(told)
        if stays != then["stay_applies"]:
            differing.append(f"stay_applies: expected {then['stay_applies']}, got {stays}")
    return differing, unchecked


def _judged_apart(
    vector: dict[str, Any], driver_factory: DriverFactory, book: Book
) -> list[Decision]:
    """Judge each of several acts as an example of its own, with the facts that it alone is told.

    Only acts that are no contacts are alternatives: of contacts, one follows the other.
    """
    if not is_about_other_acts(vector):
        return []
    given = {key: value for key, value in vector["given"].items() if key != "acts"}
    decisions = []
    for said in _said(vector):
        facts = {key: value for key, value in said.items() if key not in _OF_THE_ACT}
        alone = {**vector, "given": {**given, **facts}, "when": {"acts": [said]}}
        decisions += Told(alone, driver_factory, book).decisions()
    return decisions


_OF_THE_ACT = frozenset({"act", "at", "debt", "debts", "person", "state"})


def _is_met(expected: str, decision: Decision, if_known: Decision) -> bool:
    got = outcome_of(decision)
    match expected:
        case "deny_if_known":
            return outcome_of(if_known) == "deny" and got in ("allow", "deny")
        case "allow_with_state_disclosures":
            return decision.verdict == "permit" and NOTICE_FLAG in decision.flags
        case "flag":
            return got in ("flag", "allow_with_flag")
        case "require" | "defer":
            return got == "deny"
        case _:
            return got == expected


def _stays(told: Told) -> list[bool]:
    case, where = told.case, told.run.story.where
    return [
        case is not None and is_stayed(case, at.astimezone(where).date()) for at in told.instants()
    ]


def _kept(told: Told) -> Decision:
    """Keep records in the way or for the time that an example tells of, and destroy the rest."""
    said = Said(told.given)
    accurate = said.tells("reproduc") if said.has("reproduc") else said.tells("accura")
    accessible = said.tells("access")
    if accurate is None and accessible is None:
        return _kept_longer(told)
    is_good = accurate is not False and accessible is not False
    at = moments.instant(moments.UNDATED, told.run.story.where, moments.ASKED_AT)
    copy: Any = "accurate_and_accessible" if is_good else None
    purge = other_acts.purge(moments.UNDATED, None)
    return told.clear(at, replace(purge, copy_kept=copy))


def _kept_longer(told: Told) -> Decision:
    """Keep records for a year beyond what the law asks, and destroy them only then."""
    last = told.run.story.today(told.run.story.start)
    years = told.book.federal("record-retention").numbers["years"] + 1
    told.given["last_collection_activity"] = last
    other_facts.tell(told.run.story, "", is_known_at_once=True)
    at = told.run.story.start + timedelta(days=366 * years)
    return told.clear(at, other_acts.purge(last, None))


# -- classifications and calculations -------------------------------------------------------------


def _about_the_debt(told: Told, expected: Any) -> Any:
    sent = told.given.get("sent", told.given.get("messages"))
    found = [
        vocabulary.channel_of(each, "letter") != "voicemail"
        and not set(vocabulary.words(each)) & {"limited", "lcm"}
        and is_about_the_debt(vocabulary.purpose_of(each), vocabulary.act_of(each, ""))
        for each in (sent if isinstance(sent, list) else [sent])
    ]
    return found if isinstance(expected, list) else found[0]


def _safe_wait_days(told: Told, expected: Any) -> Any:
    """Ask to furnish at once: the answer says from when, days after the mailing."""
    mailed_on = _mailed_on(told)
    mailing = {"at": mailed_on.isoformat(), "ev": "mail_sent"}
    vector = {"given": {**told.given, "timeline": [mailing]}, "when": {}, "rule": "REGF-FURNISH"}
    again = Told(vector, told.driver_factory, told.book)
    where = again.run.story.where
    decision = again.clear(moments.instant(mailed_on, where, moments.ASKED_AT), Furnish())
    if decision.earliest is None:
        return None
    return (decision.earliest.astimezone(where).date() - mailed_on).days


def _wait_starts(told: Told, expected: Any) -> str:
    """Tell whether the day of mailing, or of sending what is no mail, is the first of the wait."""
    days = told.book.federal("contact-before-furnishing").numbers["wait_days"]
    if _safe_wait_days(told, expected) != days:
        return "later"
    is_mail = any(each.startswith("mail") for key in told.given for each in vocabulary.words(key))
    is_sent = any("sent" in vocabulary.words(key) for key in told.given)
    return "sending_date" if is_sent and not is_mail else "mailing_date"


def _mailed_on(told: Told) -> date:
    days = (
        other_acts.day_of(value)
        for key, value in told.given.items()
        if "mail" in key or "sent" in vocabulary.words(key)
    )
    return next((each for each in days if each is not None), moments.UNDATED)


def _first_furnishing(told: Told, expected: Any) -> str:
    """Ask to furnish right after the message went out: the answer says from when that is safe."""
    at = max((each.at for each in told.run.story.steps), default=told.run.story.anchor)
    decision = told.clear(at + timedelta(minutes=1), Furnish())
    if decision.earliest is None:
        return "at once" if decision.verdict == "permit" else "never"
    return decision.earliest.astimezone(told.run.story.where).date().isoformat()


def _is_transfer(told: Told, expected: Any) -> Any:
    story = told.run.story
    found = [isinstance(other_acts.read(story, each), Transfer) for each in told.said]
    return found if isinstance(expected, list) else found[0]


def _apply_to(told: Told, expected: Any) -> Any:
    direction = told.given.get("consumer_direction", told.given.get("direction"))
    direction = None if direction in _UNDIRECTED else direction
    return _one([each for each in _debts(told) if _may_go_to(told, each, direction)], expected)


_UNDIRECTED = (False, "none", "no", "not_given", "silent")


def _forbidden(told: Told, expected: Any) -> list[str]:
    return [each for each in _debts(told) if not _may_go_to(told, each, None)]


def _may_go_to(told: Told, label: str, direction: Any) -> bool:
    story = told.run.story
    amount = int(told.given.get("payment", 100))

    def whole(debt: Any) -> Allocation:
        return Allocation(account_id=story.account(debt), amount=amount)

    act = AllocatePayment(
        allocations=(whole(label),),
        directed=(whole(direction),) if isinstance(direction, str) else (),
    )
    at = story.anchor + timedelta(days=1)
    return told.clear(at, act, story.accounts(_debts(told))).verdict == "permit"


def _debts(told: Told) -> list[str]:
    return list(told.run.story.debts)


def _records_keep_through(told: Told, expected: Any) -> str:
    last = other_facts.last_activity(told.given)
    if last is None:
        raise LookupError("nothing says when collection activity ended")
    return _kept_through(told, last, None)


def _keep_through(told: Told, expected: Any) -> str:
    """Return until when the records are kept, or the recording where only calls are told of."""
    calls = other_acts.recorded_days(told.given)
    if other_facts.last_activity(told.given) is not None or not calls:
        return _records_keep_through(told, expected)
    if Said(told.given).tells("record") is False:
        return "none"  # there is no recording
    return _kept_through(told, None, calls[-1])


def _recording_keep_through(told: Told, expected: Any) -> Any:
    found = [_kept_through(told, None, each) for each in other_acts.recorded_days(told.given)]
    return found if isinstance(expected, list) else found[0]


def _kept_through(told: Told, last: date | None, recorded: date | None) -> str:
    """Ask to destroy it on the day itself: the answer says from when that will be permitted."""
    where = told.run.story.where
    day = last or recorded or moments.UNDATED
    at = max(moments.instant(day, where, moments.ASKED_AT), told.run.story.anchor)
    decision = told.clear(at, other_acts.purge(last, recorded))
    if decision.earliest is None:
        return "never"
    return (decision.earliest.astimezone(where).date() - timedelta(days=1)).isoformat()


def _must_keep(told: Told, expected: Any) -> Any:
    last = other_acts.day_of(told.given.get("last_collection_activity")) or moments.UNDATED
    told.given["last_collection_activity"] = last
    other_facts.tell(told.run.story, "", is_known_at_once=True)
    at = moments.instant(last, told.run.story.where, moments.ASKED_AT)
    is_kept = told.clear(at, other_acts.purge(last, None)).verdict != "permit"
    if expected in ("all", "none"):
        return "all" if is_kept else "none"
    if isinstance(expected, list):
        listed = next((each for each in told.given.values() if isinstance(each, list)), expected)
        is_in_bits = all(isinstance(each, bool) for each in expected)
        return [is_kept] * len(listed) if is_in_bits else listed if is_kept else []
    return is_kept


def _duty_to_record(told: Told, expected: Any) -> bool:
    """Ask for a call of which nothing says that it will be recorded."""
    (ask,) = acts.asks(told.run.story, {"act": "call"})
    told.run.tell_until(ask.at)
    return told.run.judge(ask).verdict != "permit"


def _recording_years(told: Told, expected: Any) -> int:
    return told.book.federal("record-retention").numbers["years"]


def _notice_required(told: Told, expected: Any) -> bool:
    """Ask to deposit an instrument on its date without notice: that is refused where it is due."""
    dated = _day_under(told, "dated", "postdated")
    received = _day_under(told, "received")
    if dated is None or received is None:
        raise LookupError("nothing says when an instrument is dated, or was received")
    act = DepositInstrument(received_on=received, dated_on=dated, deposit_on=dated)
    at = moments.instant(dated, told.run.story.where, moments.ASKED_AT)
    return told.clear(at, act).verdict != "permit"


def _day_under(told: Told, *words: str) -> date | None:
    days = (
        other_acts.day_of(each.value)
        for each in Said(told.given).entries
        if set(words) & set(each.words)
    )
    return next((each for each in days if each is not None), None)


def _cap(told: Told) -> InterestCap | None:
    service = other_facts.service_of(told.given)
    debt = told.given["debt"] if isinstance(told.given.get("debt"), dict) else {}
    history = DebtHistory(account_id="", incurred_on=other_acts.day_of(debt.get("incurred")))
    terms = told.book.federal("service-interest-cap")
    return None if service is None else interest_cap(terms, service, history)


def _max_rate(told: Told, expected: Any) -> Any:
    cap = _cap(told)
    return None if cap is None else cap.rate_basis_points / 100


def _is_lowered(told: Told, expected: Any) -> bool:
    debt = told.given.get("debt")
    rate = debt.get("rate_pct") if isinstance(debt, dict) else told.given.get("rate_pct")
    if rate is None:
        raise LookupError("nothing says what the contract's rate is")
    cap = _cap(told)
    return cap is not None and float(rate) * 100 > cap.rate_basis_points


def _is_capped(told: Told, expected: Any) -> bool:
    return _cap(told) is not None


def _cap_from(told: Told, expected: Any) -> Any:
    cap = _cap(told)
    return None if cap is None else cap.from_on.isoformat()


def _excess(told: Told, expected: Any) -> Any:
    return None if _cap(told) is None else "forgiven"


def _may_furnish(told: Told, expected: Any) -> bool:
    at = moments.instant(moments.UNDATED, told.run.story.where, moments.ASKED_AT)
    return told.clear(at, Furnish()).verdict == "permit"


def _one(found: list[str], expected: Any) -> Any:
    return found if isinstance(expected, list) else (found[0] if len(found) == 1 else found)


ANSWERS: dict[str, Callable[[Told, Any], Any]] = {
    **limitations.ANSWERS,
    "about_the_debt": _about_the_debt,
    "safe_wait_days": _safe_wait_days,
    "earliest_date": _first_furnishing,
    "earliest_furnishing_date": _first_furnishing,
    "earliest_safe_date": _first_furnishing,
    "first_safe_date": _first_furnishing,
    "starts": _wait_starts,
    "may_furnish": _may_furnish,
    "is_transfer": _is_transfer,
    "apply_to": _apply_to,
    "forbidden": _forbidden,
    "records_keep_through": _records_keep_through,
    "keep_through": _keep_through,
    "recording_keep_through": _recording_keep_through,
    "must_retain": _must_keep,
    "retain": _must_keep,
    "duty_to_record": _duty_to_record,
    "keep_recordings_years_from_call": _recording_years,
    "max_rate_pct": _max_rate,
    "lowered": _is_lowered,
    "cap_applies": _is_capped,
    "deposit_notice_required": _notice_required,
    "applies": _is_capped,
    "from": _cap_from,
    "excess": _excess,
}

_OF_AREAS: dict[str, dict[str, Callable[[Told, Any], Any]]] = {
    "payments": {"required": _notice_required, "notice_required": _notice_required},
    "scra": {"on_time": _is_capped, "timely": _is_capped},
}
"""What keys ask in an area of acts that in others mean something else."""
