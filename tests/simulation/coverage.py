"""Which rules had a say in a world: how often each objected, decided alone, or raised a flag."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from services.compliance.rules import content_rules, rulebook
from services.compliance.rules.act_rules import ACT_RULES
from services.compliance.rules.rulebook import slug
from tests.simulation.simulation import Simulation

_REFUSED = ("permit-refused", "redemption-refused", "act-refused")
_ALLOWED = ("permit-granted", "permit-redeemed", "act-cleared")
CONTACT = tuple(slug(each) for each in rulebook.RULES)
ACTS = tuple(slug(each) for each in ACT_RULES)
CONTENT = tuple(content_rules.slug(each) for each in content_rules.RULES)

LEFT_OUT: dict[str, str] = {
    "rulebook-stale": "a process looks packs up within seconds, unless its database is long away",
    "facts-parked": "no event is written here that cannot be read",
    "gate-full": "nobody is contacted 256 times in ten days",
    "account-unknown": "who asks knows the account from where the gate does, and later",
    "solicitation-hours": "nothing is sold here, but for a few calls within the hours",
    "spouse-at-limit": "hardly ever is the consumer called seven times, and then the spouse",
    "consent-question": "nobody here is asked for consent in a conversation",
    "duplicative-notice": "no dispute here repeats an earlier one",
    "delinquency-date": "every debt here is placed with its day of delinquency",
    "furnisher-investigation": "nobody here disputes with a reporting agency",
}
"""Rules that these worlds may never reach, and why. Their own tests reach them."""


@dataclass
class Reached:
    """How often each rule had a say. `decided`: nothing else objected to what was asked."""

    objected: Counter[str] = field(default_factory=Counter)
    decided: Counter[str] = field(default_factory=Counter)
    flagged: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Reached") -> None:
        """Count another world's, too."""
        for name in ("objected", "decided", "flagged", "events"):
            getattr(self, name).update(getattr(other, name))

    def never(self, rules: Iterable[str]) -> list[str]:
        """Return the rules that had no say at all."""
        said = self.objected + self.flagged
        return [each for each in rules if not said[each]]

    def missing(self) -> list[str]:
        """Return the rules that had no say, and of which nothing says why."""
        return [each for each in self.never((*CONTACT, *ACTS, *CONTENT)) if each not in LEFT_OUT]

    def text(self) -> str:
        """Return the counts as a table, those that never decided alone last."""
        head = f"{'rule':34} {'decided':>8} {'objected':>9} {'flagged':>8}"
        lines = [head]
        rules = dict.fromkeys((*CONTACT, *ACTS, *CONTENT))
        for rule in sorted(rules, key=lambda each: -self.decided[each]):
            counts = (self.decided[rule], self.objected[rule], self.flagged[rule])
            why = "" if any(counts) else LEFT_OUT.get(rule, "NEVER REACHED")
            lines.append(f"{rule:34} {counts[0]:8} {counts[1]:9} {counts[2]:8}  {why}".rstrip())
        lines += [f"{name}: {count}" for name, count in sorted(self.events.items())]
        return "\n".join(lines)


def reached_in(simulation: Simulation) -> Reached:
    """Count what rules said in compliance's log."""
    reached = Reached()
    for logged in simulation.databases["compliance"].log:
        name = logged.event.type.split(".")[2]
        if name in (*_REFUSED, *_ALLOWED):
            body = msgspec.json.decode(logged.event.data)
            rules = {each["rule"] for each in body.get("objections", ())}
            reached.objected.update(rules)
            reached.decided.update(rules if len(rules) == 1 else ())
            reached.flagged.update({each["flag"] for each in body.get("flags", ())})
            reached.events[name] += 1
        elif name == "content-checked":
            found = {each["rule"] for each in msgspec.json.decode(logged.event.data)["findings"]}
            reached.objected.update(found)
            reached.decided.update(found if len(found) == 1 else ())
    return reached
