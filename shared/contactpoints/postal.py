"""Postal addresses in the United States.

The digest form is deliberately simple: it levels case, accents, punctuation and spaces, and does
not know that Street and St are the same.
"""

import re
import unicodedata

from shared.contactpoints.problem import FieldProblem
from shared.kernel.records import record
from shared.location.states import POSTAL_STATES

ZIP_PATTERN = r"^[0-9]{5}(?:-[0-9]{4})?$"
_ZIP = re.compile(r"[0-9]{5}(?:-[0-9]{4})?")
_STATES = frozenset(POSTAL_STATES)
_SPECIAL = str.maketrans({"ß": "ss", "Ø": "O", "ø": "o", "Ł": "L", "ł": "l", "Æ": "AE", "æ": "ae"})


@record
class PostalAddress:
    """Where mail goes; lines and city as written, state and ZIP code checked for form."""

    lines: tuple[str, ...]
    city: str
    state: str
    zip_code: str

    def __post_init__(self) -> None:
        if not self.lines or not self.lines[0].strip():
            raise FieldProblem("address-line", "give at least one address line")
        if self.state not in _STATES:
            raise FieldProblem("state", "give the two capital letters of a US state or territory")
        if not _ZIP.fullmatch(self.zip_code):
            raise FieldProblem("zip-code", "give five digits, or nine as 12345-6789")

    @property
    def zip5(self) -> str:
        """Return the five digits that say where it is."""
        return self.zip_code[:5]

    @property
    def digest_form(self) -> str:
        """Return the text under which this address is looked up."""
        street = _level(" ".join(self.lines))
        return "\n".join((street, _level(self.city), self.state, self.zip5))

    def __repr__(self) -> str:
        return f"PostalAddress(state={self.state!r})"


def _level(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.translate(_SPECIAL))
    kept = (
        character if character.isalnum() else " "
        for character in decomposed
        if not unicodedata.combining(character) and character not in ".'’"
    )
    return " ".join("".join(kept).upper().split())
