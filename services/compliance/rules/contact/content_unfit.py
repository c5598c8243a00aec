"""Nothing is sent whose content was checked and found unlawful."""

from datetime import datetime

from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms


def content_unfit(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Object to content that a rule denies, or that lacks what one requires, by its checks.

    Content that nobody checked is not judged here.
    """
    unfit_by = gate.circumstances.content_unfit_by
    if not unfit_by:
        return None
    return terms.objection(
        "deny",
        "This content was checked and found unlawful as it stands.",
        {"rules": ", ".join(unfit_by), "content_digest": gate.request.content_digest},
    )
