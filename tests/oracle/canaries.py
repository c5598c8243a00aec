"""Canaries, on whom forbidden acts are tried: nothing is ever granted for one, or used."""

from collections.abc import Sequence

from tests.oracle.gate import Gate
from tests.oracle.log import Event
from tests.oracle.report import Findings

MARK = "_0000canary"
"""An id of the first days of 1970: none that is drawn looks like it."""

_GRANTS = ("permit-granted", "act-cleared")
_USES = ("permit-redeemed", "outcome-reported")


def is_one(consumer_id: str) -> bool:
    """Tell whether an id is a canary's."""
    return MARK in consumer_id


def check(gate: Gate, events: Sequence[Event], findings: Findings) -> None:
    """Name what was granted for a canary, and what came of it. What else it knows was made up."""
    for event in events:
        findings.checked["canary-granted"] += 1
        if event.name in _GRANTS:
            code, sentence = "canary-granted", "A forbidden act was granted for a canary."
        elif event.name in _USES:
            code, sentence = "canary-contacted", "A permit for a canary was used."
        else:
            continue
        findings.name(code, gate.tenant, gate.consumer_id, (event.id,), sentence)
