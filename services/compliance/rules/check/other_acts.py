"""Reads acts other than contacts in worked examples: furnish, sell, sue, deposit, apply, purge."""

from datetime import date
from typing import Any, Literal

from services.compliance.rules import act_request
from services.compliance.rules.act_request import Act
from services.compliance.rules.check import moments, vocabulary
from services.compliance.rules.check.said import Said
from services.compliance.rules.check.story import Story

FORUM_STATE = "AZ"
"""Where suits are brought that name no place: a state whose periods were read in its law."""

DISTRICT = "home-district"

_NEGATIONS = frozenset({"no", "not", "without", "ordinary"})
_FURNISH = frozenset({"furnish", "refurnish", "furnishing", "report", "reports", "reporting"})
_SUIT = frozenset({"suit", "sue", "sues", "lawsuit", "legal", "complaint", "litigation"})
_ARBITRATION = frozenset({"arbitration", "arbitrate"})
_THREAT = frozenset({"threat", "threaten", "threatening", "threatens", "threatened"})
_TO = ("to", "recipient", "agency", "cra", "furnished_to")
_SPECIALTY = frozenset({"specialty", "check", "checks"})
_PURGE = frozenset({"purge", "delete", "destroy", "dispose", "erase"})
_TAKING = frozenset({"collect", "collects", "charge", "charges", "add", "adds"})
_CHARGE = frozenset({"fee", "fees", "interest", "charge", "surcharge"})
_WAYS: tuple[tuple[frozenset[str], Any], ...] = (
    (frozenset({"securitize", "securitization", "pledge", "pledging"}), "securitization"),
    (frozenset({"merger", "acquisition", "merge"}), "merger"),
    (frozenset({"lien"}), "lien"),
    (frozenset({"sell", "sale", "sold", "sells"}), "sale"),
    (frozenset({"place", "places", "placement", "placing", "agency"}), "placement"),
    (frozenset({"transfer", "transfers", "return", "assign", "returns"}), "other_consideration"),
)


def read(story: Story, said: dict[str, Any]) -> Act | None:
    """Return the act that an entry means, None for a contact or nothing that the law asks about."""
    if "deposit" in said:
        return _deposit(story, said)
    named = set(vocabulary.words(said.get("act", "")))
    if {"proof", "claim"} <= named:
        return act_request.LegalAction(form="proof_of_claim")
    if {"default", "judgment"} <= named:
        return act_request.DefaultJudgment(affidavit=_affidavit({**story.given, **said}))
    if named & (_SUIT | _ARBITRATION):
        return None if named & _NEGATIONS else _legal(said, named)
    if named & _FURNISH:
        return _furnish(story, said, named)
    if named & _PURGE:
        return _purge(story, named)
    way = next((way for names, way in _WAYS if named & names), None)
    if way is not None:
        return _transfer(story, named, way)
    is_contact = vocabulary.channel_of(said.get("act", "")) is not None
    if named & _TAKING:
        named |= {word for key in story.given for word in vocabulary.words(key)}
    return _charge({**story.given, **said}, named) if named & _CHARGE and not is_contact else None


def is_named(said: dict[str, Any]) -> bool:
    """Tell whether an entry names an act that is no contact, a threat of one apart."""
    named = set(vocabulary.words(said.get("act", "")))
    is_contact = vocabulary.channel_of(said.get("act", "")) is not None
    return not is_contact and bool(
        named & (_SUIT | _ARBITRATION | _FURNISH | _PURGE)
        or any(named & names for names, _ in _WAYS)
    )


def day_of(said: object) -> date | None:
    """Return a date where one is said."""
    dates = moments.dates_of(said) if said is not None else None
    return dates[-1] if dates else None


def recorded_days(given: dict[str, Any]) -> list[date]:
    """Return the dates on which an example says that calls were recorded."""
    return [
        day
        for key, value in given.items()
        if set(vocabulary.words(key)) & ({"recorded", "recording", "recordings"} | _calls(given))
        for each in (value if isinstance(value, list) else [value])
        if (day := day_of(each)) is not None
    ]


def _calls(given: dict[str, Any]) -> set[str]:
    """Return the words for calls, where it is said of calls whether they are recorded."""
    is_told = any(
        isinstance(value, bool) and set(vocabulary.words(key)) & _RECORDS
        for key, value in given.items()
    )
    return {"call", "calls"} if is_told else set()


_RECORDS = frozenset({"records", "record", "recorded", "recording", "recordings"})


def purge(last: date | None, recorded: date | None) -> act_request.Purge:
    """Return the destruction of a call's recording, or of everything."""
    if recorded is not None:
        return act_request.Purge(records="call_recording", recorded_on=recorded)
    return act_request.Purge(records="all", last_activity_on=last)


def _deposit(story: Story, said: dict[str, Any]) -> Act:
    instrument = story.given.get("instrument", {})
    deposit = day_of(said["deposit"]) or moments.UNDATED
    received = day_of(said.get("received", instrument.get("received"))) or deposit
    return act_request.DepositInstrument(
        received_on=received,
        dated_on=day_of(said.get("dated", instrument.get("dated"))) or received,
        deposit_on=deposit,
        notice_sent_on=day_of(said.get("notice_sent")),
    )


def _furnish(story: Story, said: dict[str, Any], named: set[str]) -> Act:
    is_marked = bool(named & {"flag", "disputed", "flagged", "marked"}) and not (
        named & {"without", "not", "un"}
    )
    to = " ".join(str(each.get(key, "")) for each in (said, story.given) for key in _TO)
    to_whom = named | set(vocabulary.words(to))
    is_checks = bool(to_whom & _SPECIALTY or story.given.get("specialty_cra"))
    return act_request.Furnish(
        is_marked_disputed=bool(said.get("marked_disputed", is_marked)),
        recipient="check_specialty" if is_checks else "reporting_agency",
    )


def _purge(story: Story, named: set[str]) -> Act:
    if named & {"recording", "recordings"} and (recorded := recorded_days(story.given)):
        return purge(None, recorded[0])
    return act_request.Purge(
        records="call_recording" if named & {"recording", "recordings"} else "all",
        last_activity_on=day_of(story.given.get("last_collection_activity")),
    )


def _legal(said: dict[str, Any], named: set[str]) -> Act:
    form: Literal["suit", "threat", "arbitration"] = "suit"
    if named & _THREAT:
        form = "threat"
    elif named & _ARBITRATION:
        form = "arbitration"
    district = next((said[key] for key in ("forum", "district", "where") if key in said), DISTRICT)
    return act_request.LegalAction(
        form=form,
        forum_state=str(said.get("state", said.get("forum_state", FORUM_STATE))),
        forum_district=str(district),
        enforces_real_property=bool(said.get("real_property", said.get("secured"))),
    )


def _affidavit(said: dict[str, Any]) -> Any:
    text = next(
        (value for key, value in said.items() if "affidavit" in vocabulary.words(key)), None
    )
    return None if text in (None, False, "none") else str(text)


def _transfer(story: Story, named: set[str], way: Any) -> Act:
    told = Said(story.given)
    named = named | {
        word
        for each in told.entries
        if isinstance(each.value, str) and set(each.words) & _TRANSFER_TO
        for word in vocabulary.words(each.value)
    }
    way = "merger" if named & {"merger", "acquisition"} else way
    has_right = any(
        each.value is True and "contract" in each.words and not _NEGATIONS & set(each.words)
        for each in told.entries
    )
    is_noticed = told.tells("noti", "discharge") or told.tells("lien", "notice")
    if named & {"sell", "sale", "sold", "sells", "transfer", "transfers"} and told.tells("lien"):
        way = "lien"
    is_previous = "previous" in named or "former" in named
    is_owner = "owner" in named and "another" not in named and not is_previous
    return act_request.Transfer(
        way=way,
        recipient="owner" if is_owner else "previous_owner" if is_previous else "other",
        has_contract_right="contract" in named or has_right,
        has_lien_notice="notice" in named or bool(is_noticed),
    )


_TRANSFER_TO = frozenset({"to", "recipient", "result", "reason", "way", "because", "with"})


def _basis(said: dict[str, Any]) -> Any:
    """Return what is said to authorize a charge: the agreement or a law."""
    for key, value in said.items():
        words = set(vocabulary.words(key))
        if value is True and words & {"authorized", "permitted", "allowed", "authorised"}:
            return "law" if words & {"law", "statute"} else "agreement"
    return None


def _charge(said: dict[str, Any], named: set[str]) -> Act:
    basis = said.get("basis", said.get("authorized_by")) or _basis(said)
    rate = said.get("rate_pct")
    return act_request.AddCharge(
        charge="interest" if "interest" in named else "fee",
        basis=basis if basis in ("agreement", "law") else None,
        authority=str(basis or ""),
        rate_basis_points=None if rate is None else round(float(rate) * 100),
        from_on=day_of(said.get("from")),
        until_on=day_of(said.get("until")),
    )
