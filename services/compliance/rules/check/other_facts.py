"""What examples give of debts, petitions, military service and identity theft, as facts."""

from datetime import date, datetime, timedelta
from typing import Any, get_args

from services.compliance.rules import facts
from services.compliance.rules.check import moments, vocabulary
from services.compliance.rules.check.other_acts import DISTRICT, FORUM_STATE, day_of
from services.compliance.rules.check.said import Said
from services.compliance.rules.check.story import CONSUMER, Story

_YEAR = timedelta(days=365)
_AGES = 40 * _YEAR  # longer than any state's period
_PETITION = ("petition_filed", "petition_filed_at", "bankruptcy_filed", "petition", "filed",
             "filed_at", "filed_on")  # fmt: skip
_NOTICE = ("collector_notice", "collector_notice_at", "collector_learns", "notice")
_DEBTOR = ("debtor", "filed_by", "petitioner", "filer", "bankrupt", "petition_by")
_DISCHARGE = ("discharge", "discharged", "discharge_at", "discharged_on")
_THEFT = frozenset({"theft", "idtheft", "605b", "1681c"})
_BLOCK = frozenset({"block", "blocked", "blocking", "blocks"})
_AGENCY = frozenset({"cra", "agency", "bureau", "reporting"})
_STATUS = {
    "paid": ("closed", "paid_in_full"),
    "settled": ("closed", "settled_in_full"),
    "open": ("active", None),
}


def tell(story: Story, rule: str, *, is_known_at_once: bool) -> facts.Bankruptcy | None:
    """Put what `given` says into the story, and what is not on trial in order.

    Returns the petition, if there is one; it becomes known when the collector is told of it, or
    with `is_known_at_once` when it is filed.
    """
    _furnishing(story, rule)
    _standing(story)
    _history(story)
    _disputed(story)
    _theft(story)
    _service(story)
    return _bankruptcy(story, is_known_at_once=is_known_at_once)


def _furnishing(story: Story, rule: str) -> None:
    before = story.start - timedelta(days=60)
    if rule != "REGF-FURNISH":
        for account_id in map(story.account, list(story.debts)):
            _spoke(story, story.start, account_id, before)
    sent = _sent_and_returned(story)
    for item in story.given.get("timeline") or []:
        said = set(vocabulary.words(item.get("ev", "")))
        at = _at(story, item)
        channel = vocabulary.channel_of(item.get("ev", ""))
        accounts = story.accounts(item.get("debts", item.get("debt", item.get("about"))) or [])
        accounts = accounts or story.default_account()
        if said & {"undeliverable", "bounced", "returned"}:
            for key in sent:
                story.change(at, key, undeliverable_at=at)
            sent = []
        elif said & {"sent", "mailed", "emailed"} and channel != "voicemail":
            sent += [_sent(story, at, each) for each in accounts]
        elif "person" in said and said & {"spoke", "conversation", "met", "spoken"}:
            for account_id in accounts:
                _spoke(story, at, account_id, at)


def _sent(story: Story, at: datetime, account_id: str) -> str:
    """Let a message about a debt have been sent; return the label of that fact."""
    label = f"sent-{account_id}-{at.isoformat()}"
    is_monitored = story.given.get("monitored", True) not in (False, "none")
    fact = facts.DebtMessageSent(account_id=account_id, sent_at=at, is_monitored=is_monitored)
    story.tell(at, label, fact)
    return label


def _spoke(story: Story, at: datetime, account_id: str, spoken_at: datetime) -> None:
    spoken = facts.SpokenWith(account_id=account_id, spoken_at=spoken_at)
    story.tell(at, f"spoken-{account_id}-{spoken_at.isoformat()}", spoken)


def _sent_and_returned(story: Story) -> list[str]:
    """Tell what `given` itself says was sent and came back; return the labels of what did not."""
    sent = [
        _sent(story, moments.instant(sent_on, story.where), account_id)
        for account_id, sent_on in _sent_outright(story)
    ]
    came_back = story.given.get("undeliverable", story.given.get("returned"))
    if not moments.dates_of(came_back):
        return sent
    at = moments.instant(came_back, story.where)
    for key in sent:
        story.change(at, key, undeliverable_at=at)
    return []


def _sent_outright(story: Story) -> list[tuple[str, Any]]:
    """Return what `given` itself says was sent about the debts, and when."""
    return [
        (account_id, value)
        for key, value in story.given.items()
        if set(vocabulary.words(key)) & {"mailed", "emailed", "texted", "sent", "posted"}
        and moments.dates_of(value)
        for account_id in map(story.account, list(story.debts))
    ]


def _standing(story: Story) -> None:
    debt = story.given.get("debt")
    status = debt.get("status") if isinstance(debt, dict) else debt
    status = story.given.get("status", story.given.get("debt_status", status))
    if last_activity(story.given) is not None:
        status = "paid"
    named = _status_named(story.given, status)
    if named is None:
        return
    lifecycle, reason = _STATUS[named]
    for label in list(story.debts):
        story.tell(
            story.start,
            f"standing-{label}",
            facts.AccountStanding(
                account_id=story.account(label),
                lifecycle=lifecycle,  # type: ignore[arg-type]
                owes=lifecycle == "active",
                reason=reason,
            ),
        )


def _status_named(given: dict[str, Any], status: object) -> str | None:
    """Return what became of the debt, by its status or by a key that says so."""
    if str(status) in _STATUS:
        return str(status)
    said = set(vocabulary.words(status)) if isinstance(status, str) else set()
    for key, value in given.items():
        words = set(vocabulary.words(key))
        if value is True and words & {"debt", "account", "balance"}:
            said |= words
    return next((each for each in ("paid", "settled") if each in said), None)


def _with_debt(given: dict[str, Any]) -> dict[str, Any]:
    """Return what is given, with what is said of the one debt beside it."""
    debt = given.get("debt")
    return {**debt, **given} if isinstance(debt, dict) else given


def _stated_expiry(given: dict[str, Any]) -> Any:
    """Return the last day to sue as it is given, "unknown" where that is what is said of it."""
    for key, value in given.items():
        words = set(vocabulary.words(key))
        is_of_period = bool(words & _PERIOD) and bool(words & _RUNNING_OUT)
        is_of_suit = bool(words & _SUIT) and bool(words & _LAST)
        if "barred" in words and words & {"from", "since"} and day_of(value):
            return day_of(value) - timedelta(days=1)  # type: ignore[operator]
        if (is_of_period or is_of_suit) and not isinstance(value, bool):
            return day_of(value) or ("unknown" if value in (None, "unknown", "none") else None)
    return None


_PERIOD = frozenset({"sol", "limitation", "limitations"})
_RUNNING_OUT = frozenset(
    {"expiry", "expires", "expire", "expired", "expiration", "ends", "end", "ended", "until",
     "last", "runs", "ran", "through", "deadline"}
)  # fmt: skip
_SUIT = frozenset({"sue", "suit", "file", "filing", "sued", "lawsuit", "timely", "action"})
_LAST = frozenset({"last", "latest", "until", "deadline", "through", "by"})


def _contract(given: dict[str, Any]) -> Any:
    said = str(given.get("type", "written"))
    return said if said in get_args(facts.ContractKind) else "written"


def last_activity(given: dict[str, Any]) -> date | None:
    """Return the last day on which there was collection activity, where an example says."""
    days = [
        day
        for key, value in given.items()
        if {"activity", "activities"} & set(vocabulary.words(key))
        for each in (value if isinstance(value, list) else [value])
        if (day := day_of(each)) is not None
    ]
    return max(days, default=None)


def _history(story: Story) -> None:
    given = _with_debt(story.given)
    debt_said = given.get("debt")
    is_barred = bool(
        {"barred", "expired"} & set(vocabulary.words(debt_said))
        if isinstance(debt_said, str)
        else isinstance(debt_said, dict) and debt_said.get("time_barred")
    )
    is_barred = is_barred or any(
        (value is True and "expired" in words) or value in ("expired", "run", "passed")
        for key, value in given.items()
        if (words := set(vocabulary.words(key))) & {"limitation", "limitations", "sol"}
        and not isinstance(value, dict | list)
    )
    expiry = _stated_expiry(given)
    if expiry == "unknown":
        return
    expired = given.get("sol_expired", given.get("expired", given.get("time_barred", is_barred)))
    if expired not in (True, False):
        return  # nobody knows
    today = story.today(story.anchor)
    debt = given["debt"] if isinstance(given.get("debt"), dict) else {}
    residence = str(given.get("residence", given.get("consumer_residence", DISTRICT)))
    for label in list(story.debts):
        history = facts.DebtHistory(
            account_id=story.account(label),
            contract=_contract(given),
            governing_state=str(given.get("state", FORUM_STATE)),
            incurred_on=day_of(debt.get("incurred")),
            executed_on=_date(given, "contract_executed", "contract_date", "executed"),
            defaulted_on=day_of(given.get("accrual")) or today - (_AGES if expired else _YEAR),
            last_charge_on=_date(given, "last_charge"),
            last_payment_on=_date(given, "last_payment"),
            restarted_on=_restarted_on(given, today),
            restarted_by=_restarting(given),
            stated_expiry=expiry or (today - _YEAR if expired else None),
            is_debt_buyers=_is_debt_buyers(given),
            is_signed=given.get("signed"),
            signed_in_district=_text(given, "contract_signed_in", "contract_place", "signed_in"),
            property_district=_text(given, "property_place", "property_in"),
        )
        story.tell(story.start, f"history-{label}", history)
    story.tell(story.start, "residence", facts.Residence(district=residence))


def tell_judgment(story: Story) -> None:
    """Tell of the judgment that a remedy carries out, unless there is said to be none."""
    said = [value for key, value in story.given.items() if "judgment" in vocabulary.words(key)]
    if any(value in (False, None, "none", "no") for value in said):
        return
    for label in list(story.debts):
        judgment = facts.DebtHistory(account_id=story.account(label), contract="judgment")
        story.tell(story.start, f"judgment-{label}", judgment)


_REVIVING = frozenset({"payment", "paid", "acknowledgment", "acknowledged", "judgment"})


def _restarting_key(given: dict[str, Any]) -> str | None:
    return next(
        (
            key
            for key, value in given.items()
            if value and (words := set(vocabulary.words(key))) & _REVIVING
            and words & {"after", "since", "later", "revives", "partial"}
        ),
        None,
    )  # fmt: skip


def _restarted_on(given: dict[str, Any], today: date) -> date | None:
    key = _restarting_key(given)
    return None if key is None else day_of(given[key]) or today


def _restarting(given: dict[str, Any]) -> Any:
    key = _restarting_key(given)
    if key is None:
        return None
    words = vocabulary.words(key)
    if "judgment" in words:
        return "judgment"
    return "payment" if {"payment", "paid"} & set(words) else "acknowledgment"


def _is_debt_buyers(given: dict[str, Any]) -> bool | None:
    """Return whether a debt buyer owns the claim, where an example says."""
    for each in Said(given).entries:
        if {"debt", "buyer"} <= {*each.words, *vocabulary.words(each.value)}:
            return each.value is not False
    return None


def _disputed(story: Story) -> None:
    debts = story.given.get("debts")
    for label, said in debts.items() if isinstance(debts, dict) else ():
        if isinstance(said, dict) and said.get("disputed"):
            dispute = facts.Dispute(
                account_id=story.account(label), in_writing=False, received_at=story.start
            )
            story.tell(story.start, f"dispute-{label}", dispute)


def _theft(story: Story) -> None:
    given = story.given
    told = [(story.start, key) for key, value in given.items() if value and _is_theft(key)]
    told += [
        (_at(story, item), text)
        for item in given.get("timeline") or []
        if _is_theft(text := " ".join(map(str, item.values())))
    ]
    debt = given.get("debt")
    if isinstance(debt, str) and _is_theft(debt):
        told.append((story.start, "block"))
    for at, text in told:
        is_block = bool({"block", "blocked", "605b", "cra", "1681c"} & set(vocabulary.words(text)))
        for label in list(story.debts):
            report = facts.IdentityTheftReport(
                account_id=story.account(label),
                source="agency_block" if is_block else "consumer_report",
                received_at=at,
            )
            story.tell(at, f"theft-{label}", report)


def _is_theft(text: str) -> bool:
    words = set(vocabulary.words(text))
    return bool(_THEFT & words) or (bool(words & _BLOCK) and bool(words & _AGENCY))


def service_of(given: dict[str, Any]) -> facts.MilitaryService | None:
    """Return the military service that an example tells of."""
    start = next(
        (day_of(given[key]) for key in ("active_duty_from", "service_start", "service_from")
         if key in given),
        None,
    )  # fmt: skip
    if start is None:
        return None
    return facts.MilitaryService(
        started_on=start,
        ended_on=_date(given, "active_duty_until", "active_duty_to", "service_end", "service_to"),
        notice_received_on=day_of(given.get("written_notice", given.get("written_notice_at"))),
    )


def _service(story: Story) -> None:
    service = service_of(story.given)
    if service is not None:
        story.tell(story.start, "service", service)


def _bankruptcy(story: Story, *, is_known_at_once: bool) -> facts.Bankruptcy | None:
    inner = story.given.get("bankruptcy")
    given = {**story.given, **(inner if isinstance(inner, dict) else {})}
    filed = _date(given, *_PETITION)
    discharged = _date(given, *_DISCHARGE)
    is_discharged = bool(_first(given, *_DISCHARGE)) or given.get("debt") in (
        "discharged",
        "discharged_in_bankruptcy",
    )
    if filed is None and not is_discharged:
        return None
    notice = _date(given, *_NOTICE)
    known_on = filed if is_known_at_once or notice is None else notice
    at = story.start if known_on is None else moments.instant(known_on, story.where)
    who = str(_first(given, *_DEBTOR) or CONSUMER)
    case = facts.Bankruptcy(
        learned_at=at,
        chapter=given.get("chapter"),
        filed_on=filed,
        ended_on=_ended(given),
        discharged_on=discharged or (story.today(story.start) if is_discharged else None),
        party_id=None if who == CONSUMER else story.party(who),
        reaffirmed=_reaffirmed(story, given),
        postpetition=story.default_account() if _arose_later(given) else (),
        account_ids=(story.name("acct", "another"),)
        if given.get("debt_in_discharge") is False
        else (),
    )
    story.tell(at, "bankruptcy", case)
    return case


def _reaffirmed(story: Story, given: dict[str, Any]) -> tuple[str, ...]:
    """Return the debts of which it is said that the debtor bound themselves to them again."""
    if given.get("reaffirmed"):
        return story.default_account()
    debts = given.get("debts")
    return tuple(
        story.account(label)
        for label, said in (debts.items() if isinstance(debts, dict) else ())
        if isinstance(said, dict) and Said(said).tells("reaffirm") and not _is_undone(said)
    )


def _is_undone(said: dict[str, Any]) -> bool:
    told = Said(said)
    return told.mentions("rescind", "cancel", "revok", "void", "withdr") or (
        told.tells("in", "force") is False
    )


_OVER = frozenset({"dismissed", "dismissal", "closed", "ended", "terminated"})
_OF_CASE = frozenset({"case", "stay", "petition", "bankruptcy", *_OVER})


def _ended(given: dict[str, Any]) -> date | None:
    """Return when the case, and with it the stay, ended."""
    for key, value in given.items():
        words = set(vocabulary.words(key))
        if words & _OVER and words <= _OF_CASE | {"on", "at", "was"} and moments.dates_of(value):
            return day_of(value)
    return None


def _arose_later(given: dict[str, Any]) -> bool:
    """Tell whether the debt is said to have arisen after the petition."""
    return bool(given.get("postpetition") or given.get("incurred_after_petition"))


def _date(given: dict[str, Any], *names: str) -> Any:
    said = _first(given, *names)
    return None if isinstance(said, bool) else day_of(said)


def _first(given: dict[str, Any], *names: str) -> Any:
    return next((given[name] for name in names if name in given), None)


def _text(given: dict[str, Any], *names: str) -> str | None:
    said = _first(given, *names)
    return None if said is None else str(said)


def _at(story: Story, item: dict[str, Any]) -> datetime:
    return moments.instant(item["at"], story.where) if "at" in item else story.anchor
