"""Telephone numbers, in international form only.

Foreign numbers are accepted: the place they indicate is unknown, which vetoes contact. Extensions
are refused, because E.164 would silently drop them.
"""

import re
from typing import Literal

import phonenumbers
from phonenumbers import PhoneNumberType

from shared.contactpoints.problem import FieldProblem
from shared.kernel.records import record
from shared.location.area_codes import AREA_CODE_STATES

Line = Literal["mobile", "landline", "mobile_or_landline", "toll_free", "voip"]

# ASCII digits, at most one space, hyphen or dot between two of them (ITU-T E.123); 15 at most.
PATTERN = r"^\+[1-9](?:[ .-]?[0-9]){6,14}$"
_INTERNATIONAL = re.compile(r"\+[1-9](?:[ .-]?[0-9]){6,14}")
_SEPARATORS = str.maketrans("", "", " .-")

_LINES: dict[int, Line] = {
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE: "landline",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "mobile_or_landline",
    PhoneNumberType.TOLL_FREE: "toll_free",
    PhoneNumberType.VOIP: "voip",
}


@record
class Phone:
    """A number in E.164 form; `region` is the ISO 3166 country or US territory, if there is one."""

    e164: str
    line: Line
    region: str | None

    @property
    def digest_form(self) -> str:
        """Return the text under which this number is looked up."""
        return self.e164

    def __repr__(self) -> str:
        return f"Phone(line={self.line!r}, region={self.region!r})"


def parse_phone(text: str) -> Phone:
    """Read a number such as `+12125550100` or `+44 7911 123456`.

    Raises:
        FieldProblem: `phone`, not a number in international form; `phone-type`, one that costs
            its caller extra or belongs to no line, such as +1 900.
    """
    if not _INTERNATIONAL.fullmatch(text):
        raise _malformed()
    e164 = text.translate(_SEPARATORS)
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        raise _malformed() from None
    if phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) != e164:
        raise _malformed()
    kind = phonenumbers.number_type(number)
    if kind == PhoneNumberType.UNKNOWN:
        if _is_in_newer_area_code(e164):
            return Phone(e164=e164, line="mobile_or_landline", region="US")
        raise _malformed()
    if kind not in _LINES:
        raise FieldProblem("phone-type", "give a mobile, landline, VoIP or toll-free number")
    region = phonenumbers.region_code_for_number(number)
    return Phone(
        e164=e164, line=_LINES[kind], region=None if region in (None, "001") else str(region)
    )


def _is_in_newer_area_code(e164: str) -> bool:
    """Tell whether the numbering plan knows an area code that the package does not know yet."""
    is_long_enough = e164.startswith("+1") and len(e164) == len("+12125550100")
    return is_long_enough and e164[2:5] in AREA_CODE_STATES and e164[5] in "23456789"


def _malformed() -> FieldProblem:
    return FieldProblem("phone", "give one number in international form, such as +12125550100")
