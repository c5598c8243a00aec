"""Notices that attempts of this gate gave: kept for ever, since a law may ask for one just once.

A notice is given when a message went out, or when somebody was spoken with; a message that came
back gave none, and neither did one in the portal, which is no medium of a notice: it only has to be
given again. The first that gave a notice is enough, so the list stays small.
"""

from collections.abc import Iterable, Iterator

from services.compliance.rules.facts import NoticeSent
from services.compliance.rules.outcomes import OUTCOMES
from services.compliance.rules.request import SPOKEN, medium_of
from services.compliance.rules.slots import Slot, latest_instant
from shared.kernel.records import record

NOTICES_KEPT_MAX = 64
"""What would be more is not kept, and so counts as never given: that only asks for it again."""


@record
class GivenNotice:
    """One notice about one account, by the attempt that gave it."""

    permit_id: str
    fact: NoticeSent


def with_outcome(known: tuple[GivenNotice, ...], slot: Slot) -> tuple[GivenNotice, ...]:
    """Return what is known to have been given once an attempt's latest outcome is taken in."""
    if not slot.request.disclosures:
        return known
    others = tuple(each for each in known if each.permit_id != slot.permit_id)
    if not _is_given(slot):
        return others
    given = {(each.fact.account_id, each.fact.notice) for each in others}
    fresh = (each for each in _given(slot) if (each.fact.account_id, each.fact.notice) not in given)
    return (*others, *fresh)[:NOTICES_KEPT_MAX]


def as_facts(known: Iterable[GivenNotice]) -> Iterator[tuple[str, NoticeSent]]:
    """Yield the notices as rules see them, keyed by the attempt."""
    for each in known:
        yield each.permit_id, each.fact


def _is_given(slot: Slot) -> bool:
    if slot.outcome is None or slot.request.channel == "portal":
        return False
    outcome = OUTCOMES[slot.outcome]
    if slot.request.channel in SPOKEN:
        return outcome.conversation == "yes"
    return outcome.is_made and not outcome.invalidates and slot.outcome != "unknown"


def _given(slot: Slot) -> Iterator[GivenNotice]:
    for account_id in slot.request.account_ids:
        for notice in slot.request.disclosures:
            fact = NoticeSent(
                account_id=account_id,
                notice=notice,
                sent_at=latest_instant(slot),
                medium=medium_of(slot.request.channel),  # type: ignore[arg-type]
            )
            yield GivenNotice(permit_id=slot.permit_id, fact=fact)
