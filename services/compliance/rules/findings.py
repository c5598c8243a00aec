"""What rules say: objections that veto, flags that do not, and how they combine."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from shared.kernel.records import record

Verdict = Literal["permit", "defer", "review", "deny"]

_RANK: dict[str, int] = {"permit": 0, "defer": 1, "review": 2, "deny": 3}


@record
class Objection:
    """One rule's no. `law` is the id in the rule catalogue, `earliest` when the rule alone would
    next allow (absent: not by waiting). `facts` are ids, numbers and dates, nothing personal.
    Where `is_verified` is False the law was known at second hand only: a question for counsel.
    """

    rule: str
    law: str
    citation: str
    explanation: str
    facts: dict[str, str | int]
    verdict: Literal["defer", "review", "deny"]
    earliest: datetime | None = None
    is_verified: bool = True


@record
class Flag:
    """A permitted contact that someone should look at: house policy, not a bright line."""

    flag: str
    law: str
    citation: str
    explanation: str
    facts: dict[str, str | int]
    is_verified: bool = True


@record
class Judgement:
    """All that the rules said about one request at one instant."""

    verdict: Verdict
    objections: tuple[Objection, ...]
    flags: tuple[Flag, ...]


@record
class Observation:
    """What a pack in shadow would have said: recorded beside a decision, of no effect on it."""

    pack: str
    verdict: Verdict
    objections: tuple[Objection, ...] = ()
    flags: tuple[Flag, ...] = ()


def combine(objections: Iterable[Objection]) -> Verdict:
    """Return the most restrictive verdict: permit < defer < review < deny."""
    worst: Verdict = "permit"
    for objection in objections:
        if _RANK[objection.verdict] > _RANK[worst]:
            worst = objection.verdict
    return worst
