"""No contact with somebody whom nothing places in a state or territory: no law could be told."""

from datetime import datetime

from services.compliance.rules import places
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import FEDERAL, Terms


def jurisdiction_unknown(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Object where no evidence names a state that is known (fail closed).

    A time zone alone says when to call, not whose law holds (1006.104 keeps the states' law). What
    is known does not hang on which packs there are: else adding one could loosen a decision.
    """
    named = gate.jurisdictions - {FEDERAL}
    if any(places.is_known(each) for each in named):
        return None
    return terms.objection(
        "deny",
        "Nothing shows in which state or territory the person is.",
        {"states_unknown": ", ".join(sorted(named))},
    )
