import pytest

from shared.contactpoints import domains
from shared.contactpoints.email import parse_email


@pytest.mark.parametrize(
    ("domain", "is_public"),
    [
        ("gmail.com", True),
        ("GMAIL.COM", True),
        ("yahoo.com.", True),
        ("mail.gmail.com", False),
        ("notgmail.com", False),
        ("county.gov", False),
        ("university.edu", False),
        ("pinehurst-mortgage.com", False),
        ("example.org", None),
        ("mail.example.com", None),
        ("anything.test", None),
    ],
)
def test_is_open_to_the_public(domain: str, is_public: bool | None) -> None:
    assert domains.is_public(domain) is is_public


@pytest.mark.parametrize("domain", sorted(domains.OPEN))
def test_every_open_domain_is_one(domain: str) -> None:
    assert parse_email(f"ann@{domain}").domain == domain
