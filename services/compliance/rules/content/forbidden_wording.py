"""Words that no message about a debt may hold, whatever is true: each list a law of its own."""

from collections.abc import Iterator

from services.compliance.rules import wording
from services.compliance.rules.findings import Finding
from services.compliance.rules.message import Message
from services.compliance.rules.pack import Terms

SUBJECTS = {
    "arrest": "It threatens arrest or imprisonment",
    "crime": "It accuses of a crime or of disgraceful conduct",
    "government": "It gives itself the look of a government's affiliate",
    "credit_bureau": "It gives itself the look of a consumer reporting agency",
    "court_document": "It gives itself the look of a court's document",
    "credit": "It threatens someone's credit",
    "transfer": "It says that a sale takes away a defense",
    "concealment": "It deceives about what it is for",
    "obscenity": "It holds obscene, profane or abusive language",
    "violence": "It threatens harm to a person, their reputation or their property",
    "publication": "It threatens to publish the debt",
}


def forbidden_wording(terms: Terms, message: Message) -> Iterator[Finding]:
    """Object to every sentence with such words; doubtful ones are for someone to look at."""
    (subject,) = terms.names["subject"]
    excused = terms.names.get("excused", ())
    denied = list(wording.said(message, terms.names.get("denied", ()), excused))
    for each in denied:
        yield terms.finding("deny", f"{SUBJECTS[subject]}.", each.passage)
    for each in wording.said(message, terms.names.get("doubtful", ()), excused):
        if each not in denied:
            yield terms.finding("flag", f"{SUBJECTS[subject]}, or may seem to.", each.passage)
