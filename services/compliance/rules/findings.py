"""What rules say: objections that veto, flags that do not, and how they combine."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from shared.kernel.records import record

Verdict = Literal["permit", "defer", "review", "deny"]
ContentVerdict = Literal["allow", "flag", "require", "deny"]

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
class Passage:
    """Where in a message something stands: characters `start` to `end` (not included)."""

    part: Literal["subject", "text"]
    start: int
    end: int


@record
class Finding:
    """What one rule says of a message: never to be sent, only with something more, or a doubt.

    `passage` is the sentence it is about, absent where what is missing or wrong is not in one.
    """

    rule: str
    law: str
    citation: str
    verdict: Literal["flag", "require", "deny"]
    explanation: str
    passage: Passage | None = None
    is_verified: bool = True


@record
class Judgement:
    """All that the rules said about one request at one instant."""

    verdict: Verdict
    objections: tuple[Objection, ...]
    flags: tuple[Flag, ...]


@record
class Observation:
    """What a pack in shadow would have said: recorded beside a decision, of no effect on it.

    Where it raised an error instead, `failed_with` is its kind, and the verdict says that somebody
    has to look.
    """

    pack: str
    verdict: Verdict
    objections: tuple[Objection, ...] = ()
    flags: tuple[Flag, ...] = ()
    failed_with: str = ""


def combine(objections: Iterable[Objection]) -> Verdict:
    """Return the most restrictive verdict: permit < defer < review < deny."""
    worst: Verdict = "permit"
    for objection in objections:
        if _RANK[objection.verdict] > _RANK[worst]:
            worst = objection.verdict
    return worst


_CONTENT_RANK: dict[ContentVerdict, int] = {"allow": 0, "flag": 1, "require": 2, "deny": 3}


def worst(findings: Iterable[Finding]) -> ContentVerdict:
    """Return what findings come to: allow < flag < require < deny."""
    verdicts: list[ContentVerdict] = ["allow", *(each.verdict for each in findings)]
    return max(verdicts, key=_CONTENT_RANK.__getitem__)
