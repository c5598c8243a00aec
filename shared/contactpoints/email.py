"""E-mail addresses.

One bare address, never a header: the standard library's header parser is not used anywhere, since
it can be talked into seeing another domain. Domains with letters beyond ASCII are accepted and
marked, because they can imitate others.
"""

import re

import email_validator

from shared.contactpoints.problem import FieldProblem
from shared.kernel.records import record

LENGTH_MAX = 254  # RFC 5321, section 4.5.3.1.3, less the angle brackets
_LOCAL_LENGTH_MAX = 64  # RFC 5321, section 4.5.3.1.1
_SHAPE = re.compile(r"[!-?A-~]{1,64}@[^\s@\x00-\x20\x7f]{1,253}")  # local part: ASCII but for @


@record
class Email:
    """An address as it is sent to: the local part as given, the domain in lower-case ASCII.

    `is_internationalized`: the domain has, or stands for, letters beyond ASCII.
    """

    address: str
    domain: str
    is_internationalized: bool

    @property
    def digest_form(self) -> str:
        """Return the text under which this address is looked up: lower case throughout.

        RFC 5321 lets a host tell `Ann@` from `ann@`; hardly any does, and an opt-out must not be
        lost over a capital. Dots and plus tags stay: without knowing the host, dropping them
        could take two persons for one.
        """
        return self.address.lower()

    def __repr__(self) -> str:
        return f"Email(is_internationalized={self.is_internationalized!r})"


def parse_email(text: str) -> Email:
    """Read one address such as `ann@example.org`.

    Raises:
        FieldProblem: `email`, not one deliverable address.
    """
    local, _, domain = text.partition("@")
    if len(text) > LENGTH_MAX or len(local) > _LOCAL_LENGTH_MAX or not _SHAPE.fullmatch(text):
        raise _malformed()
    try:
        valid = email_validator.validate_email(
            text,
            allow_smtputf8=False,
            allow_quoted_local=False,
            allow_domain_literal=False,
            allow_display_name=False,
            strict=True,
            check_deliverability=False,
        )
    except email_validator.EmailNotValidError:
        raise _malformed() from None
    ascii_domain = valid.ascii_domain.lower()
    address = f"{valid.local_part}@{ascii_domain}"
    if len(address) > LENGTH_MAX:
        raise _malformed()
    labels = ascii_domain.split(".")
    return Email(
        address=address,
        domain=ascii_domain,
        is_internationalized=not domain.isascii()
        or any(label.startswith("xn--") for label in labels),
    )


def _malformed() -> FieldProblem:
    return FieldProblem("email", "give one address such as name@example.org, without a name")
