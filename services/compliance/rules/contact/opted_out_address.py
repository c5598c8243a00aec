"""An address or number the person asked not to be used is not used, even for what the law requires.

The request binds the address for all debts, so it is looked up twice: in this gate, and in the
guard stream of the address, which every gate that uses the address reads.
"""

from datetime import datetime

from services.compliance.rules import exceptions
from services.compliance.rules.facts import OptOut
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms
from services.compliance.rules.request import medium_of


def opted_out_address(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Object to the address (12 CFR 1006.14(h)(1), comments 14(h)(1)-2 and 42(a)(1)-4)."""
    barring = _barring(gate, at)
    if not barring:
        return None
    return terms.objection(
        "deny",
        "The person has asked that this address or number not be used.",
        {"fact": barring[0], "contact_point_id": gate.request.contact_point_id or ""},
        exceptions.once_expired(gate, at, lambda when: not _barring(gate, when)),
    )


def _barring(gate: Gate, at: datetime) -> list[str]:
    confirmable = exceptions.confirmable(gate, at)
    own = {key: opt_out for key, opt_out in gate.of(OptOut) if exceptions.binds(gate, opt_out)}
    barring = [
        key
        for key, opt_out in own.items()
        if (opt_out.contact_point_id is not None or opt_out.digest is not None)
        and key not in confirmable
        and not exceptions.is_reply_since(gate, at, opt_out.received_at)
    ]
    barring += [
        opt_out.fact_key
        for opt_out in gate.circumstances.point_opt_outs
        if opt_out.medium in (None, medium_of(gate.request.channel))
        # What this gate knows of the same opt-out has been judged above.
        and opt_out.fact_key not in own
    ]
    return barring
