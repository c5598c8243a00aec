"""What the oracle says: every violation by code and subject, and how often it looked."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that must not be. The first of the event ids is the offending event."""

    code: str
    tenant: str
    subject: str
    event_ids: tuple[str, ...]
    sentence: str

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence} [{self.tenant} {self.subject} {self.event_ids}]"


@dataclass(frozen=True, slots=True)
class Report:
    """All violations, and how many times each check was made.

    `unread` counts events of types that the oracle does not know. `trial_balance` is the sum of
    all postings by tenant and currency, in minor units.
    """

    violations: tuple[Violation, ...]
    checked: Mapping[str, int]
    events: int
    unread: Mapping[str, int]
    trial_balance: Mapping[str, int]

    @property
    def codes(self) -> set[str]:
        """Return the codes of all violations."""
        return {each.code for each in self.violations}

    def json(self) -> str:
        """Return the report as one JSON object."""
        return json.dumps(asdict(self), sort_keys=True)

    def text(self) -> str:
        """Return the report in plain words."""
        lines = [f"{each}" for each in self.violations]
        lines += [f"not judged: {count} × {name}" for name, count in sorted(self.unread.items())]
        looked = ", ".join(f"{code} {count}" for code, count in sorted(self.checked.items()))
        lines.append(f"{self.events} events read; checked: {looked or 'nothing'}")
        lines.append(f"{len(self.violations)} violations")
        return "\n".join(lines)


class Findings:
    """Collects what the checks find; the same thing found twice is named once."""

    def __init__(self) -> None:
        self.checked: Counter[str] = Counter()
        self.unread: Counter[str] = Counter()
        self._named: dict[tuple[str, str, str, str], Violation] = {}

    def name(
        self, code: str, tenant: str, subject: str, event_ids: tuple[str, ...], sentence: str
    ) -> None:
        """Name a violation."""
        key = (code, tenant, subject, event_ids[0] if event_ids else "")
        self._named.setdefault(key, Violation(code, tenant, subject, event_ids, sentence))

    @property
    def violations(self) -> tuple[Violation, ...]:
        """Return everything named, in the order in which it was found."""
        return tuple(self._named.values())
