from typing import Annotated, Any

import pytest

from shared.contactpoints.email import Email
from shared.contactpoints.phone import Phone
from shared.http.fields import (
    CountryCode,
    EmailAddress,
    IdempotencyKey,
    LanguageCode,
    PhoneNumber,
    SsnLast4,
    StateCode,
    TypeId,
    ZipCode,
)
from shared.kernel import ids
from tests.unit.shared.fields.reading import accepted, refused, schema

AccountId = Annotated[str, TypeId("acct")]
SUFFIX = "01h455vb4pex5vsknk084sn02q"


class TestTypeId:
    def test_is_an_id_of_its_prefix(self) -> None:
        assert accepted(AccountId, f"acct_{SUFFIX}") == f"acct_{SUFFIX}"
        assert schema(AccountId)["pattern"] == "^acct_[0-7][0-9a-hjkmnp-tv-z]{25}$"

    @pytest.mark.parametrize(
        "text",
        [
            f"cns_{SUFFIX}",
            SUFFIX,
            f"acct_{SUFFIX}\n",
            f"ACCT_{SUFFIX}",
            f"acct_{SUFFIX.upper()}",
            f"acct_{SUFFIX}0",
            f"acct_8{SUFFIX[1:]}",
            f"acct_{SUFFIX[:-1]}l",
            f"acct_{SUFFIX[:-1]}١",
            "acct_",
            "",
        ],
    )
    def test_is_refused_otherwise(self, text: str) -> None:
        assert refused(AccountId, text) == "id"

    def test_is_refused_for_a_canary(self) -> None:
        assert refused(AccountId, ids.canary("acct", 1)) == "id-reserved"

    def test_knows_only_our_prefixes(self) -> None:
        with pytest.raises(LookupError):
            TypeId("nope")


class TestCodes:
    @pytest.mark.parametrize(
        ("kind", "text"),
        [
            (StateCode, "FL"),
            (StateCode, "PR"),
            (StateCode, "AE"),
            (ZipCode, "00501"),
            (ZipCode, "33101-1234"),
            (LanguageCode, "en"),
            (LanguageCode, "es-US"),
            (CountryCode, "US"),
            (SsnLast4, "0000"),
            (IdempotencyKey, "a.b_c:D-1"),
            (IdempotencyKey, "k" * 255),
        ],
    )
    def test_are_kept(self, kind: Any, text: str) -> None:
        assert accepted(kind, text) == text

    @pytest.mark.parametrize(
        ("kind", "text", "code"),
        [
            (StateCode, "fl", "state"),
            (StateCode, "XX", "state"),
            (StateCode, "Florida", "state"),
            (StateCode, "FL ", "state"),
            (ZipCode, "3310", "zip-code"),
            (ZipCode, "331011", "zip-code"),
            (ZipCode, "33101-12", "zip-code"),
            (ZipCode, "33101\n", "zip-code"),
            (ZipCode, "٣٣١٠١", "zip-code"),
            (ZipCode, "３３１０１", "zip-code"),
            (LanguageCode, "EN", "language"),
            (LanguageCode, "english", "language"),
            (CountryCode, "us", "country"),
            (SsnLast4, "123", "ssn-last4"),
            (SsnLast4, "123-45-6789", "ssn-last4"),
            (SsnLast4, "１２３４", "ssn-last4"),
            (IdempotencyKey, "", "idempotency-key-invalid"),
            (IdempotencyKey, "k" * 256, "idempotency-key-invalid"),
            (IdempotencyKey, "k" * 300, "idempotency-key-invalid"),
            (IdempotencyKey, "a\x00b", "idempotency-key-invalid"),
            (IdempotencyKey, "clé", "idempotency-key-invalid"),
            (IdempotencyKey, "a b", "idempotency-key-invalid"),
        ],
    )
    def test_are_refused_otherwise(self, kind: Any, text: str, code: str) -> None:
        assert refused(kind, text) == code

    @pytest.mark.parametrize("kind", [StateCode, ZipCode, LanguageCode, SsnLast4, PhoneNumber])
    @pytest.mark.parametrize("value", [33101, True, None, ["FL"], 1.0])
    def test_are_text(self, kind: Any, value: Any) -> None:
        assert refused(kind, value) == "type"


class TestContactPoints:
    def test_are_read_into_values(self) -> None:
        phone = accepted(PhoneNumber, "+1 212-555-0100")
        assert isinstance(phone, Phone)
        assert phone.e164 == "+12125550100"
        email = accepted(EmailAddress, "Ann@EXAMPLE.org")
        assert isinstance(email, Email)
        assert email.address == "Ann@example.org"

    def test_are_refused_with_their_own_codes(self) -> None:
        assert refused(PhoneNumber, "2125550100") == "phone"
        assert refused(PhoneNumber, "+19005550100") == "phone-type"
        assert refused(EmailAddress, "a@[127.0.0.1]") == "email"

    def test_show_their_form(self) -> None:
        assert schema(PhoneNumber)["pattern"].startswith(r"^\+")
        assert schema(EmailAddress)["format"] == "email"
