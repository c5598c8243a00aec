"""E-mail domains at which anybody can have an address.

An address from a creditor may be used only at such a domain (12 CFR 1006.6(d)(4)(ii)(E)). A domain
kept for those of one house (a company, an agency, a university) is none, and nothing tells a small
provider from a company: what is not listed is not taken as open.
"""

OPEN = frozenset(
    """
    aim.com aol.com att.net bellsouth.net charter.net comcast.net cox.net earthlink.net
    fastmail.com frontier.com frontiernet.net gmail.com gmx.com gmx.net googlemail.com hey.com
    hotmail.com hushmail.com icloud.com juno.com live.com mac.com mail.com me.com msn.com
    netzero.net optonline.net outlook.com pm.me proton.me protonmail.com roadrunner.com
    rocketmail.com rr.com sbcglobal.net spectrum.net suddenlink.net tuta.com tutanota.com
    twc.com verizon.net windstream.net yahoo.com ymail.com zoho.com zohomail.com
    """.split()
)

# RFC 2606: nobody's, kept for documentation and tests.
_NOBODYS = ("example.com", "example.net", "example.org", "example", "test", "invalid", "localhost")


def is_public(domain: str) -> bool | None:
    """Tell whether a domain is open to the general public; None for one that is nobody's."""
    name = domain.lower().rstrip(".")
    if any(name == each or name.endswith(f".{each}") for each in _NOBODYS):
        return None
    return name in OPEN
