"""No e-mail to an address known to be an employer's, but by the consumer's own use or consent.

Nobody need look through domains; being told by anyone is knowledge. A creditor's notice does not
open such an address, the consumer's own use, consent, or a chain of prior collectors does.
"""

from datetime import datetime

from services.compliance.rules.contact import email_procedure
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms


def employer_email(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Object to an employer's address (12 CFR 1006.22(f)(3), comment 22(f)(3)-1)."""
    if gate.request.channel != "email" or not email_procedure.is_employer_provided(gate):
        return None
    for path, since in email_procedure.openings(terms, gate, at):
        if path != email_procedure.CREDITOR and since <= at:
            return None
    return terms.objection(
        "deny",
        "The e-mail address is known to be provided by the consumer's employer.",
        {"contact_point_id": gate.request.contact_point_id or ""},
    )
