import pytest

from shared.contactpoints.email import parse_email
from shared.contactpoints.problem import FieldProblem


def refusal(text: str) -> FieldProblem:
    with pytest.raises(FieldProblem) as caught:
        parse_email(text)
    return caught.value


class TestEmail:
    def test_keeps_the_local_part_and_lowers_the_domain(self) -> None:
        email = parse_email("Ann.Lee+debt@EXAMPLE.Org")
        assert email.address == "Ann.Lee+debt@example.org"
        assert email.domain == "example.org"
        assert not email.is_internationalized

    def test_is_looked_up_without_regard_to_case(self) -> None:
        assert (
            parse_email("ANN@EXAMPLE.ORG").digest_form == parse_email("ann@example.org").digest_form
        )
        assert (
            parse_email("a.b@example.org").digest_form != parse_email("ab@example.org").digest_form
        )
        assert (
            parse_email("a+x@example.org").digest_form != parse_email("a@example.org").digest_form
        )

    @pytest.mark.parametrize(
        ("text", "domain"),
        [
            ("a@xn--80ak6aa92e.com", "xn--80ak6aa92e.com"),
            ("a@ex\u0430mple.com", "xn--exmple-4nf.com"),  # a Cyrillic letter
            ("a@mail.xn--80ak6aa92e.com", "mail.xn--80ak6aa92e.com"),
            ("a@１２.com", "12.com"),
        ],
    )
    def test_is_marked_when_the_domain_may_imitate_another(self, text: str, domain: str) -> None:
        email = parse_email(text)
        assert email.is_internationalized
        assert email.domain == domain

    def test_is_not_taken_for_the_latin_domain(self) -> None:
        assert (
            parse_email("a@ex\u0430mple.com").digest_form
            != parse_email("a@example.com").digest_form
        )

    @pytest.mark.parametrize(
        "text",
        [
            "a@b",
            "a..b@x.com",
            ".a@x.com",
            "a.@x.com",
            "a@[127.0.0.1]",
            "a@x.com\n",
            "\na@x.com",
            "a@x.com\r\nBcc: b@x.com",
            " a@x.com",
            "a@x.com ",
            "a" * 65 + "@x.com",
            "a@" + "b" * 300 + ".com",
            "a" * 64 + "@" + ".".join(["b" * 60] * 4) + ".com",
            "alice@example.org)bob@evil.com",
            "alice@example.org,bob@evil.com",
            "Alice <alice@example.org>",
            '"a b"@x.com',
            '"a"@x.com',
            "é@x.com",
            "a@x..com",
            "a@-x.com",
            "a@x_y.com",
            "a@x.com.",
            "a@localhost",
            "a@x.invalid",
            "a@@x.com",
            "@x.com",
            "a@",
            "a",
            "",
            "a\u0000@x.com",
            "a\ud800@x.com",
            "a@\ud800.com",
            "a@x\u202e.com",
        ],
    )
    def test_is_refused_otherwise(self, text: str) -> None:
        assert refusal(text).code == "email"

    def test_is_never_repeated(self) -> None:
        assert "alice" not in str(refusal("alice@example.org)bob@evil.com"))
        assert "alice" not in repr(parse_email("alice@example.org"))
        assert "example" not in repr(parse_email("alice@example.org"))
