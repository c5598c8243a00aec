"""Lays a decision as it was made beside the same one made again, and names what differs."""

from collections import Counter
from datetime import datetime

from services.compliance.permits.domain import events
from services.compliance.permits.domain.again import Decision
from services.compliance.replays.tally import Kind, Outcome, Stage
from services.compliance.rules.act_request import name_of
from services.compliance.rules.findings import Flag, Objection
from shared.kernel.records import record, replace

GRANTED = (events.PermitGranted, events.PermitRedeemed, events.ActCleared)


@record
class Difference:
    """One decision that would have been another.

    `decision_id` is the permit's, the redemption's or the clearance's; `doing` the channel or the
    act. `objections` are those of the decision made again, `dropped` those only of the recorded
    one. `decided_by` names the rules that make the difference.
    """

    consumer_id: str
    version: int
    stage: Stage
    kind: Kind
    decision_id: str
    decided_at: datetime
    doing: str
    account_ids: tuple[str, ...]
    objections: tuple[Objection, ...]
    dropped: tuple[Objection, ...]
    decided_by: tuple["Part", ...]
    recorded_earliest: datetime | None = None
    earliest: datetime | None = None


@record
class Part:
    """A rule, under one law, that makes a difference."""

    rule: str
    law: str
    citation: str


def stage_of(decision: Decision) -> Stage:
    """Return what was decided on."""
    match decision:
        case events.PermitGranted() | events.PermitRefused():
            return "permit"
        case events.PermitRedeemed() | events.RedemptionRefused():
            return "redemption"
        case events.ActCleared() | events.ActRefused():
            return "act"


def outcome_of(decision: Decision) -> Outcome:
    """Return which way it went."""
    return "granted" if isinstance(decision, GRANTED) else "refused"


def id_of(decision: Decision) -> str:
    """Return the id of the decision itself."""
    match decision:
        case events.PermitGranted() | events.PermitRefused():
            return decision.permit_id
        case events.PermitRedeemed() | events.RedemptionRefused():
            return decision.redemption_id
        case events.ActCleared() | events.ActRefused():
            return decision.clearance_id


def compare(recorded: Decision, again: Decision, version: int) -> Difference | None:
    """Return what differs; of another book, its name and what packs in shadow said do not count.

    `version` is the decision's within its gate's stream.
    """
    kind = _kind(recorded, again)
    if kind is None:
        return None
    request = recorded.request
    before, after = _objections(recorded), _objections(again)
    known = {(each.rule, each.law) for each in after}
    return Difference(
        consumer_id=request.consumer_id,
        version=version,
        stage=stage_of(recorded),
        kind=kind,
        decision_id=id_of(recorded),
        decided_at=recorded.at,
        doing=_doing(recorded),
        account_ids=request.account_ids,
        objections=after,
        dropped=tuple(each for each in before if (each.rule, each.law) not in known),
        decided_by=_parts(kind, recorded, again),
        recorded_earliest=_earliest(recorded),
        earliest=_earliest(again),
    )


def _kind(recorded: Decision, again: Decision) -> Kind | None:
    outcomes = (outcome_of(recorded), outcome_of(again))
    if outcomes == ("granted", "refused"):
        return "granted_to_refused"
    if outcomes == ("refused", "granted"):
        return "refused_to_granted"
    if _reasons(recorded) != _reasons(again):
        return "other_reasons"
    if _earliest(recorded) != _earliest(again):
        return "other_earliest"
    return None if _apart_from_the_book(again, recorded) == recorded else "other_details"


def _apart_from_the_book(again: Decision, recorded: Decision) -> Decision:
    if again.rule_pack == recorded.rule_pack:
        return again
    if isinstance(recorded, events.PermitRefused | events.ActRefused):
        again = replace(again, books_ahead=recorded.books_ahead)
    if isinstance(recorded, events.ActCleared | events.ActRefused):
        return replace(again, rule_pack=recorded.rule_pack)
    return replace(again, rule_pack=recorded.rule_pack, observed=recorded.observed)


def _parts(kind: Kind, recorded: Decision, again: Decision) -> tuple[Part, ...]:
    before, after = _objections(recorded), _objections(again)
    found: dict[Part, None] = {}
    match kind:
        case "granted_to_refused":
            found = dict.fromkeys(map(_part, after))
        case "refused_to_granted":
            found = dict.fromkeys(map(_part, before))
        case "other_reasons":
            was, is_now = _reasons(recorded), _reasons(again)
            changed = (was - is_now) + (is_now - was)
            found = {
                _part(each): None
                for each in (*after, *before)
                if (each.rule, each.law, each.verdict) in changed
            }
        case "other_earliest" | "other_details":
            known = set(map(_frozen, before))
            found = {_part(each): None for each in after if _frozen(each) not in known}
            flagged = set(_flags(recorded)) ^ set(_flags(again))
            found |= dict.fromkeys(flagged)
    return tuple(found)


def _objections(decision: Decision) -> tuple[Objection, ...]:
    return () if isinstance(decision, GRANTED) else decision.objections


def _reasons(decision: Decision) -> Counter[tuple[str, str, str]]:
    return Counter((each.rule, each.law, each.verdict) for each in _objections(decision))


def _earliest(decision: Decision) -> datetime | None:
    if isinstance(decision, events.PermitRefused | events.ActRefused):
        return decision.earliest_permitted_at
    return None


def _flags(decision: Decision) -> tuple[Part, ...]:
    flags: tuple[Flag, ...] = getattr(decision, "flags", ())
    return tuple(Part(rule=each.flag, law=each.law, citation=each.citation) for each in flags)


def _part(objection: Objection) -> Part:
    return Part(rule=objection.rule, law=objection.law, citation=objection.citation)


def _frozen(objection: Objection) -> tuple[object, ...]:
    return (
        objection.rule,
        objection.law,
        objection.explanation,
        objection.verdict,
        objection.earliest,
        tuple(sorted(objection.facts.items())),
    )


def _doing(decision: Decision) -> str:
    match decision:
        case events.ActCleared() | events.ActRefused():
            return name_of(decision.request.act)
        case _:
            return decision.request.channel
