"""No message on a social platform whose content nobody has checked as one.

Who else can see it, whether it says who writes and whom it reaches are judged by the rules on
content. A permit knows the content by its digest alone, so the check has to come first: as a social
message, and as a debt collector's.
"""

from datetime import datetime

from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms


def social_unchecked(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Object to content not checked for it (12 CFR 1006.18(d), 1006.22(f)(4); fail closed)."""
    if gate.request.channel != "social" or gate.circumstances.is_content_checked:
        return None
    return terms.objection(
        "deny",
        "Nothing shows that this content was checked as a debt collector's social message: check it"
        " first (POST /v1/content-checks with channel social), then ask again with its digest.",
        {"content_digest": gate.request.content_digest},
    )
