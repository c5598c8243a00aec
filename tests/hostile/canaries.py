"""What is unmistakable wherever it turns up, and the search for it in every form."""

import base64
import re
from collections.abc import Iterable, Iterator

TEXT = "Zebulon Quagmire 571-83-4462"
NUMBER = 571834462917
WORD = "zebulonquagmire"

_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{8,}")


def forms(needle: str) -> Iterator[tuple[str, bytes]]:
    """Yield the ways in which a text may lie somewhere, each with a name."""
    raw = needle.encode()
    yield "raw", raw
    yield "hex", raw.hex().encode()
    for encoding in ("utf-16-le", "utf-16-be"):
        yield encoding, needle.encode(encoding)
    for shift in range(3):
        # Its first and last characters depend on what stands before and after the needle.
        encoded = base64.b64encode(b"\x00" * shift + raw).rstrip(b"=")
        inner = encoded[(0, 2, 3)[shift] : len(encoded) - (1 if (shift + len(raw)) % 3 else 0)]
        yield f"base64 at {shift}", inner
        yield f"base64url at {shift}", inner.translate(bytes.maketrans(b"+/", b"-_"))


DIGITS_MIN = 10


class Search:
    """Looks for texts in all their forms."""

    def __init__(self, needles: Iterable[str]) -> None:
        self._forms: dict[bytes, str] = {}
        self._digits: dict[bytes, str] = {}
        for needle in needles:
            for name, form in forms(needle):
                # Base64 tells upper from lower case; everything else is compared without.
                self._forms[form if name.startswith("base64") else form.lower()] = (
                    f"{needle!r} as {name}"
                )
            digits = re.sub(r"[^0-9]", "", needle)
            if len(digits) >= DIGITS_MIN:
                self._digits[digits.encode()] = f"{needle!r} as digits"
        self._pattern = re.compile(
            b"|".join(re.escape(form) for form in sorted(self._forms, key=len, reverse=True))
        )

    def found_in(self, content: bytes) -> set[str]:
        """Return what is in there, and in which form."""
        found = {
            self._forms[match.group()]
            for text in (content, content.lower())
            for match in self._pattern.finditer(text)
        }
        digits = re.sub(rb"[^0-9]", b"", content)
        return found | {name for form, name in self._digits.items() if form in digits}
