"""Placement rows against the bad-input catalogue: every failing field named, no value shown."""

import copy
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ledger.accounts.domain.allocation import ALLOCATION_ORDER
from services.ledger.placements.domain import FieldError
from services.ledger.placements.rows import ERRORS_MAX, PlacementRow, validate_row
from services.ledger.placements.rows.schema import BUCKETS
from tests.unit.ledger.samples import TODAY, party, row

FULL = row(
    description="Revolving account\nopened in branch",
    file_number="F-1",
    agency_reference="A-1",
    other3=0,
    open_date="2019-03-01",
    due_date="2024-07-01",
    charge_off_amount=9_500,
    last_payment_date="2024-06-20",
    last_payment_amount=0,
    last_charge_date="2024-05-01",
    limitation_date="2028-08-01",
    recall_date="2027-06-01",
    governing_law_state="IL",
    has_written_contract=True,
    interest_terms={"rate": "0.2399", "accrual_allowed": False, "post_judgment_rate": "0.09"},
    fee_terms={"commission_rate": "0.25", "suit_fee_rate": None},
    settlement_authority={"floor_rate": "0.6", "plan_months_max": 24},
    credit_reporting={"permitted": True, "furnished_before": True},
    judgment={"date": "2025-09-01", "amount": 10_000, "docket": "25-CV-118", "costs": 100},
    medical={"service_date": "2023-05-05", "insurance_status": "denied"},
    media=["contract", "statements"],
    language="es-MX",
    time_zone="America/Chicago",
    preferred_channel="email",
    special_flags=["attorney", "military"],
    parties=[
        party(
            middle_name="M.",
            suffix="Jr.",
            alias="Addie",
            date_of_birth="1980-02-29",
            ssn_last4="0042",
            driver_license="S514-7788",
            emails=[
                {
                    "address": "ada@example.com",
                    "label": "personal",
                    "source": "consumer",
                    "obtained_on": "2024-01-01",
                    "consents": [
                        {
                            "procedure": "creditor_notice",
                            "medium": "email",
                            "given_on": "2024-01-01",
                            "notice_sent_on": "2026-04-01",
                            "opt_out_by": "2026-05-10",
                        }
                    ],
                }
            ],
        ),
        {"role": "co_debtor", "full_name": "李"},
        {"role": "attorney", "company": "Example & Partners LLP"},
    ],
)


def errors(raw: object) -> list[tuple[str, str]]:
    found = validate_row(raw, TODAY)
    return [] if isinstance(found, PlacementRow) else [(each.pointer, each.code) for each in found]


def accepted(raw: object) -> PlacementRow:
    found = validate_row(raw, TODAY)
    assert isinstance(found, PlacementRow), found
    return found


def changed(path: str, value: Any, raw: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a full row with the value at a pointer replaced."""
    whole = copy.deepcopy(FULL if raw is None else raw)
    holder: Any = whole
    *parents, last = [int(part) if part.isdigit() else part for part in path.split("/")[1:]]
    for part in parents:
        holder = holder[part]
    holder[last] = value
    return whole


class TestAcceptedRow:
    def test_has_the_least_and_the_most(self) -> None:
        assert accepted(row()).buckets == {"principal": 8_000, "interest": 1_500, "fees": 500}
        assert accepted(FULL).primary.display_name == "Ada M. Example Jr."

    def test_takes_null_for_what_may_be_left_out(self) -> None:
        accepted(row(description=None, judgment=None, time_zone=None))

    def test_keeps_money_in_the_buckets_that_payments_go_to(self) -> None:
        assert BUCKETS == ALLOCATION_ORDER

    def test_normalizes_names_numbers_and_domains(self) -> None:
        consumer = party(
            first_name="  Zoe\u0308 ",
            phones=[{"number": "+1 217-555-0123"}],
            emails=[{"address": "Ada@EXAMPLE.com"}],
        )
        primary = accepted(row(parties=[consumer])).primary
        assert primary.first_name == "Zo\u00eb"
        assert primary.phones[0].number.e164 == "+12175550123"
        assert primary.emails[0].address.address == "Ada@example.com"

    @pytest.mark.parametrize(
        "name",
        ["Q", "O’Brien", "Anne-Marie", "Nguyễn", "李", "<script>", "{{7*7}}", "=1+1", "Аda"],
    )
    def test_takes_any_name_that_can_be_read(self, name: str) -> None:
        consumer = party(first_name=name, last_name=...)
        assert accepted(row(parties=[consumer])).primary.display_name == name

    def test_takes_a_foreign_number_and_address(self) -> None:
        consumer = party(phones=[{"number": "+44 7911 123456"}])
        consumer["addresses"].append(
            {"lines": ["1 High Street"], "city": "London", "country": "GB", "zip": "SW1A 1AA"}
        )
        accepted(row(parties=[consumer]))

    def test_takes_a_toll_free_number(self) -> None:
        accepted(row(parties=[party(phones=[{"number": "+18005550199"}])]))


class TestFlags:
    def test_are_those_sent(self) -> None:
        assert accepted(FULL).flags(TODAY) == ("attorney", "military")

    @pytest.mark.parametrize(("born", "expected"), [("2008-06-01", ()), ("2008-06-02", ("minor",))])
    def test_say_who_is_a_minor(self, born: str, expected: tuple[str, ...]) -> None:
        assert accepted(row(parties=[party(date_of_birth=born)])).flags(TODAY) == expected

    def test_say_a_minor_once(self) -> None:
        raw = row(parties=[party(date_of_birth="2015-01-01")], special_flags=["minor"])
        assert accepted(raw).flags(TODAY) == ("minor",)

    @pytest.mark.parametrize(
        ("limit", "expected"), [("2026-06-01", ()), ("2026-05-31", ("time_barred",))]
    )
    def test_say_that_a_debt_is_out_of_time(self, limit: str, expected: tuple[str, ...]) -> None:
        assert accepted(row(limitation_date=limit)).flags(TODAY) == expected


class TestShape:
    @pytest.mark.parametrize("raw", [None, [], "row", 1, True])
    def test_is_an_object(self, raw: object) -> None:
        assert errors(raw) == [("", "type")]

    @pytest.mark.parametrize(
        "field",
        [
            "account_number",
            "customer_reference",
            "product_type",
            "original_creditor_name",
            "current_creditor_name",
            "itemization",
            "principal",
            "total_balance",
            "currency",
            "delinquency_date",
            "parties",
            "special_flags",
        ],
    )
    def test_has_every_required_field(self, field: str) -> None:
        assert errors(row(**{field: ...})) == [(f"/{field}", "missing")]

    @pytest.mark.parametrize(
        "field", ["date", "type", "balance", "interest", "fees", "payments", "credits"]
    )
    def test_has_the_whole_itemization(self, field: str) -> None:
        itemization = {key: value for key, value in row()["itemization"].items() if key != field}
        assert (f"/itemization/{field}", "missing") in errors(row(itemization=itemization))

    @pytest.mark.parametrize("field", ["tenant_id", "status", "__proto__", "account_id"])
    def test_has_no_unknown_field(self, field: str) -> None:
        assert [code for _, code in errors({**row(), field: 1})] == ["unknown-field"]
        nested = errors(row(parties=[{**party(), field: 1}]))
        assert [code for _, code in nested] == ["unknown-field"]

    def test_shows_no_key_that_may_be_personal(self) -> None:
        raw = {**row(), "Ada Example 123-45-6789": 1}
        assert errors(raw) == [("/*", "unknown-field")]

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            ("/itemization", []),
            ("/parties", {}),
            ("/parties/0", "Ada"),
            ("/parties/0/first_name", {"ssn": "123-45-6789"}),
            ("/parties/0/phones", "+12175550123"),
            ("/special_flags", "attorney"),
            ("/has_written_contract", "yes"),
            ("/credit_reporting/permitted", 1),
            ("/settlement_authority/plan_months_max", "24"),
            ("/settlement_authority/plan_months_max", 24.0),
        ],
    )
    def test_is_not_converted(self, path: str, value: object) -> None:
        assert (path, "type") in errors(changed(path, value))

    @pytest.mark.parametrize(
        ("path", "value", "code"),
        [
            ("/itemization/type", "whenever", "value-not-allowed"),
            ("/special_flags", ["rich"], "value-not-allowed"),
            ("/parties/1/role", "debtor", "value-not-allowed"),
            ("/preferred_channel", "fax", "value-not-allowed"),
            ("/settlement_authority/plan_months_max", 0, "number-range"),
            ("/product_type", "Credit Card", "format"),
            ("/account_number", "", "format"),
            ("/account_number", " 12", "format"),
            ("/account_number", "12\n", "format"),
            ("/account_number", "1" * 65, "format"),
            ("/account_number", "٤٤١٧", "format"),
            ("/customer_reference", "123-45-6789", "personal-identifier"),
            ("/parties/0/ssn_last4", "123456789", "ssn-last4"),
            ("/parties/0/ssn_last4", "٠٠٤٢", "ssn-last4"),
            ("/language", "English", "language"),
            ("/governing_law_state", "il", "state"),
            ("/governing_law_state", "ZZ", "state"),
            ("/fee_terms/commission_rate", "25%", "rate-format"),
            ("/fee_terms/commission_rate", ".25", "rate-format"),
            ("/media", ["contract", "contract"], "duplicate-item"),
        ],
    )
    def test_is_in_the_one_accepted_form(self, path: str, value: object, code: str) -> None:
        pointers = [pointer for pointer, found in errors(changed(path, value)) if found == code]
        assert pointers, errors(changed(path, value))
        assert all(pointer.startswith(path) for pointer in pointers)

    def test_bounds_its_lists(self) -> None:
        phones = [{"number": "+12175550123"}] * 11
        assert errors(row(parties=[party(phones=phones)])) == [
            ("/parties/0/phones", "too-many-items")
        ]

    def test_names_every_failing_field_at_once(self) -> None:
        raw = row(
            currency="EUR",
            principal=7_999,
            charge_off_date="2024-07-31",
            delinquency_date="2024-08-01",
            parties=[party(first_name="\u202eAda", phones=[{"number": "911"}], addresses=[])],
            nonsense=1,
        )
        assert set(errors(raw)) == {
            ("/currency", "currency"),
            ("/total_balance", "amount-mismatch"),
            ("/principal", "amount-mismatch"),
            ("/interest", "amount-mismatch"),
            ("/fees", "amount-mismatch"),
            ("/charge_off_date", "date-order"),
            ("/itemization/date", "date-mismatch"),
            ("/parties/0/first_name", "disallowed-character"),
            ("/parties/0/phones/0/number", "phone"),
            ("/parties/0/addresses", "missing"),
            ("/nonsense", "unknown-field"),
        }

    def test_names_a_bounded_number_of_errors(self) -> None:
        raw = {**row(), **{f"field_{chr(97 + n // 26)}{chr(97 + n % 26)}": n for n in range(99)}}
        found = errors(raw)
        assert len(found) == ERRORS_MAX
        assert found[-1] == ("", "too-many-errors")


class TestMoney:
    @pytest.mark.parametrize(
        "value", [1.1, 80.0, "80.00", "8000", "٨٠", "1e9", "NaN", None, True, [], {}]
    )
    def test_is_an_integer_of_minor_units(self, value: object) -> None:
        assert errors(row(principal=value)) == [("/principal", "amount-format")]

    @pytest.mark.parametrize("value", [-1, 2**53, 10**20])
    def test_is_in_range(self, value: int) -> None:
        assert errors(row(principal=value)) == [("/principal", "amount-range")]

    def test_is_not_placed_at_zero(self) -> None:
        assert ("/total_balance", "amount-range") in errors(row(total_balance=0))

    @pytest.mark.parametrize("value", ["usd", "EUR", "XXX", "JPY", "", None, 840])
    def test_names_its_currency(self, value: object) -> None:
        assert [pointer for pointer, _ in errors(row(currency=value))] == ["/currency"]

    @pytest.mark.parametrize("off_by", [-1, 1])
    def test_adds_up_to_the_cent(self, off_by: int) -> None:
        found = errors(row(total_balance=10_000 + off_by))
        assert ("/total_balance", "amount-mismatch") in found
        assert ("/principal", "amount-mismatch") in found
        assert ("/itemization/balance", "amount-mismatch") in found

    def test_is_itemized_to_the_cent(self) -> None:
        itemization = {**row()["itemization"], "credits": 1}
        assert errors(row(itemization=itemization)) == [
            ("/itemization/balance", "amount-mismatch"),
            ("/total_balance", "amount-mismatch"),
        ]

    def test_is_dated_when_it_moved(self) -> None:
        assert errors(row(last_payment_amount=5)) == [("/last_payment_date", "missing")]


class TestDates:
    @pytest.mark.parametrize(
        "value",
        [
            "2026-02-30",
            "2026-13-01",
            "20240801",
            "2024-8-1",
            "2024-08-01T00:00:00",
            "2024-08-01T00:00:00Z",
            "2024-08-01\n",
            "٢٠٢٤-٠٨-٠١",
            "2016-12-31T23:59:60Z",
            "1700000000",
            0,
            1700000000000,
            None,
            "",
            "0000-00-00",
        ],
    )
    def test_are_dates(self, value: object) -> None:
        assert errors(row(delinquency_date=value)) == [("/delinquency_date", "date")]

    @pytest.mark.parametrize("value", ["9999-12-31", "0001-01-01", "1899-12-31", "2101-01-01"])
    def test_are_within_two_centuries(self, value: str) -> None:
        assert ("/delinquency_date", "date-range") in errors(row(delinquency_date=value))

    @pytest.mark.parametrize(
        "path",
        [
            "/delinquency_date",
            "/open_date",
            "/charge_off_date",
            "/last_payment_date",
            "/last_charge_date",
            "/judgment/date",
            "/medical/service_date",
            "/parties/0/date_of_birth",
            "/parties/0/emails/0/obtained_on",
            "/parties/0/emails/0/consents/0/given_on",
            "/parties/0/emails/0/consents/0/notice_sent_on",
        ],
    )
    def test_of_what_happened_are_not_in_the_future(self, path: str) -> None:
        tomorrow = str(TODAY + timedelta(days=1))
        assert (path, "date-range") in errors(changed(path, tomorrow))
        assert (path, "date-range") not in errors(changed(path, str(TODAY)))

    @pytest.mark.parametrize(
        ("path", "earlier"),
        [
            ("/charge_off_date", "2024-07-31"),
            ("/delinquency_date", "2019-02-28"),
            ("/due_date", "2019-02-28"),
            ("/last_payment_date", "2019-02-28"),
            ("/last_charge_date", "2019-02-28"),
            ("/parties/0/emails/0/consents/0/opt_out_by", "2026-04-01"),
        ],
    )
    def test_are_in_order(self, path: str, earlier: str) -> None:
        assert (path, "date-order") in errors(changed(path, earlier))

    def test_of_the_itemization_is_not_after_the_placement(self) -> None:
        raw = changed("/itemization/date", str(TODAY + timedelta(days=1)), row())
        assert ("/itemization/date", "date-order") in errors(raw)

    @pytest.mark.parametrize("kind", ["charge_off", "judgment"])
    def test_of_the_itemization_is_that_of_its_event(self, kind: str) -> None:
        raw = changed("/itemization/type", kind)
        assert errors(changed("/itemization/date", "2025-03-03", raw)) == [
            ("/itemization/date", "date-mismatch")
        ]

    def test_of_a_judgment_needs_the_judgment(self) -> None:
        raw = changed("/itemization/type", "judgment", row())
        assert errors(raw) == [("/judgment", "missing")]

    @pytest.mark.parametrize("born", ["2026-06-02", "1896-05-31", "1895-01-01"])
    def test_of_birth_are_a_living_memory_away(self, born: str) -> None:
        assert errors(row(parties=[party(date_of_birth=born)])) == [
            ("/parties/0/date_of_birth", "date-range")
        ]

    def test_of_recall_are_ahead(self) -> None:
        assert errors(row(recall_date="2026-05-31")) == [("/recall_date", "date-range")]
        accepted(row(recall_date="2026-06-01"))

    @pytest.mark.parametrize(
        "zone",
        ["../../x", "america/new_york", "EST5EDT", "UTC+3", "Etc/GMT+5", "UTC", "US/Eastern", 5],
    )
    def test_stand_in_named_zones(self, zone: object) -> None:
        assert [pointer for pointer, _ in errors(row(time_zone=zone))] == ["/time_zone"]


class TestText:
    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("", "blank"),
            ("   ", "blank"),
            ("A\x00da", "control-character"),
            ("A\nda", "control-character"),
            ("\x1b[31mAda", "control-character"),
            ("Ada\u0085", "control-character"),
            ("\u202eAda", "disallowed-character"),
            ("A\u200dda", "disallowed-character"),
            ("A\u2028da", "disallowed-character"),
            ("A\U000e0041da", "disallowed-character"),
            ("A\ue000da", "disallowed-character"),
            ("A\ud800da", "invalid-unicode"),
            ("A" * 201, "too-long"),
            ("A" + "\u0301" * 10_000, "too-long"),
            ("4111 1111 1111 1111", "card-number-not-allowed"),
        ],
    )
    def test_of_a_name_can_be_read(self, text: str, code: str) -> None:
        assert errors(row(parties=[party(first_name=text)])) == [("/parties/0/first_name", code)]

    def test_is_of_one_who_is_related_to_another(self) -> None:
        spouse = party(role="other", relation="spouse")
        accepted = validate_row(row(parties=[party(), spouse]), TODAY)
        assert isinstance(accepted, PlacementRow)
        assert [each.relation for each in accepted.parties] == [None, "spouse"]
        own = row(parties=[party(relation="guardian")])
        assert errors(own) == [("/parties/0/relation", "party-relation")]

    @pytest.mark.parametrize(
        "text",
        [
            "4111111111111111",
            "card 4111-1111-1111-1111 on file",
            "378282246310005",
            "４１１１１１１１１１１１１１１１",
            "ref 12 4111 1111 1111 1111",
        ],
    )
    def test_holds_no_card_number(self, text: str) -> None:
        assert errors(row(description=text)) == [("/description", "card-number-not-allowed")]

    def test_may_hold_numbers_that_are_no_cards(self) -> None:
        accepted(row(description="order 4111111111111112, call 217 555 0123"))

    def test_may_run_in_both_directions_and_over_lines(self) -> None:
        accepted(row(description="\u202bשלום\u202c\nsecond line"))

    def test_holds_no_control_character(self) -> None:
        assert errors(row(description="a\x00b")) == [("/description", "control-character")]


class TestParties:
    def test_have_one_consumer(self) -> None:
        two = [party(), party()]
        assert errors(row(parties=two)) == [("/parties", "party-role")]
        assert ("/parties", "party-role") in errors(row(parties=[party(role="co_debtor")]))
        assert errors(row(parties=[])) == [("/parties", "too-few-items")]

    @pytest.mark.parametrize(
        ("changes", "pointer", "code"),
        [
            ({"first_name": ..., "last_name": ...}, "/parties/0", "name-missing"),
            ({"full_name": "Ada Example"}, "/parties/0", "name-ambiguous"),
            ({"addresses": ...}, "/parties/0/addresses", "missing"),
        ],
    )
    def test_are_named_one_way_and_placed(
        self, changes: dict[str, Any], pointer: str, code: str
    ) -> None:
        assert errors(row(parties=[party(**changes)])) == [(pointer, code)]

    def test_who_owe_are_natural_persons(self) -> None:
        company = party(first_name=..., last_name=..., company="Example LLC")
        assert errors(row(parties=[company])) == [("/parties/0/company", "natural-person")]

    @pytest.mark.parametrize(
        ("field", "value", "code"),
        [
            ("state", None, "missing"),
            ("state", "Illinois", "state"),
            ("zip", None, "missing"),
            ("zip", "6270", "zip-code"),
            ("zip", "62701\n", "control-character"),
            ("zip", "٦٢٧٠١", "zip-code"),
            ("country", "USA", "country"),
            ("lines", [], "too-few-items"),
        ],
    )
    def test_live_somewhere(self, field: str, value: object, code: str) -> None:
        pointer = f"/parties/0/addresses/0/{field}"
        assert (pointer, code) in errors(changed(pointer, value, row()))


class TestContactPoints:
    @pytest.mark.parametrize(
        ("number", "code"),
        [
            ("2125550100", "phone"),
            ("٢١٢٥٥٥٠١٢٣", "phone"),
            ("+١٢١٢٥٥٥٠١٢٣", "phone"),
            ("212-555-0123;ext=9", "phone"),
            ("+12125550123;ext=9", "phone"),
            ("911", "phone"),
            ("+10012125550100", "phone"),
            ("+1 (212) 555-01OO", "phone"),
            ("+12125550100\n", "phone"),
            ("", "phone"),
            ("+1-900-555-0100", "phone-type"),
            ("+15005550100", "phone-type"),
            (12125550100, "type"),
        ],
    )
    def test_have_a_telephone_number_that_rings(self, number: object, code: str) -> None:
        assert errors(row(parties=[party(phones=[{"number": number}])])) == [
            ("/parties/0/phones/0/number", code)
        ]

    @pytest.mark.parametrize(
        "address",
        [
            "a@b",
            "a..b@x.com",
            "a@[127.0.0.1]",
            "a@x.com\n",
            "Ada <ada@x.com>",
            "alice@example.org)bob@evil.com",
            "a" * 65 + "@x.com",
            "",
        ],
    )
    def test_have_an_address_that_receives(self, address: str) -> None:
        assert errors(row(parties=[party(emails=[{"address": address}])])) == [
            ("/parties/0/emails/0/address", "email")
        ]

    def test_take_a_local_part_of_64_characters_and_a_lookalike_domain(self) -> None:
        long = [{"address": "a" * 64 + "@x.com"}, {"address": "a@xn--80ak6aa92e.com"}]
        accepted(row(parties=[party(emails=long)]))

    def test_carry_consents_of_their_own_medium(self) -> None:
        consent = {"procedure": "direct_consent", "medium": "email", "given_on": "2026-01-01"}
        phones = [{"number": "+12175550123", "consents": [consent]}]
        assert errors(row(parties=[party(phones=phones)])) == [
            ("/parties/0/phones/0/consents/0/medium", "consent-medium")
        ]

    def test_tell_when_the_creditor_sent_its_notice(self) -> None:
        consent = {"procedure": "creditor_notice", "medium": "email", "given_on": "2026-01-01"}
        emails = [{"address": "ada@example.com", "consents": [consent]}]
        assert errors(row(parties=[party(emails=emails)])) == [
            ("/parties/0/emails/0/consents/0/notice_sent_on", "missing"),
            ("/parties/0/emails/0/consents/0/opt_out_by", "missing"),
        ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
FIELDS = st.sampled_from(sorted(FULL))
CANARY = "Canary Zebra 987-65-4321"


class TestAnyRow:
    @given(st.dictionaries(FIELDS | st.text(max_size=8), JSON, max_size=6))
    def test_gets_an_answer(self, changes: dict[str, Any]) -> None:
        found = validate_row({**FULL, **changes}, TODAY)
        assert isinstance(found, PlacementRow) or (found and len(found) <= ERRORS_MAX)

    @given(FIELDS, st.sampled_from([CANARY, {CANARY: CANARY}, [CANARY], [{CANARY: [CANARY]}]]))
    def test_is_answered_without_a_value(self, field: str, canary: object) -> None:
        found = validate_row({**FULL, field: canary}, TODAY)
        if not isinstance(found, PlacementRow):
            assert "Zebra" not in repr(found)
            assert "4321" not in repr(found)

    @given(st.dates(date(2020, 1, 1), date(2030, 1, 1)))
    def test_is_read_as_of_the_day_given(self, today: date) -> None:
        raw = row(open_date="2022-02-02", delinquency_date="2022-02-03")
        found = validate_row(raw, today)
        late = date(2025, 1, 15)
        if today >= late:
            assert isinstance(found, PlacementRow)
        else:
            assert isinstance(found, list)
            assert all(isinstance(each, FieldError) for each in found)
