"""Any placement CSV becomes rows that the ledger takes, or is refused in words that help."""

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.command.demo import almanac, columns, placement_file
from services.command.demo.draws import Draws
from services.command.demo.placement_file import FileRefused
from services.ledger.placements.rows import PlacementRow, validate_row

TODAY = date(2026, 3, 2)
LOANS = (
    Path(__file__).resolve().parents[5]
    / "shared/data/lendingclub-chargeoffs/chargeoffs_2007_2011.csv"
)
LOAN = {
    "row_key": "LC2009-00001",
    "funded_amnt": "2000",
    "total_rec_prncp": "886.3",
    "term": "36",
    "zip_code": "285xx",
    "addr_state": "NC",
}


def written(folder: Path, *lines: dict[str, Any]) -> Path:
    file = folder / "given.csv"
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)
    return file


def own(**changes: str) -> dict[str, str]:
    line = dict.fromkeys(columns.REQUIRED, "") | {
        "account_number": "1-2",
        "customer_reference": "C-1",
        "product_type": "credit_card",
        "original_creditor_name": "First Example Bank",
        "current_creditor_name": "Example Receivables",
        "itemization_date": "2025-06-01",
        "itemization_type": "charge_off",
        "itemization_balance": "100.50",
        "principal": "100.50",
        "total_balance": "100.50",
        "delinquency_date": "2025-01-01",
        "first_name": "Ada",
        "last_name": "Example",
        "street": "12 Sample Street",
        "city": "Springfield",
        "state": "IL",
        "zip": "62701",
    }
    return line | changes


def refusals(rows: tuple[dict[str, Any], ...], today: date = TODAY) -> list[Any]:
    looked_at = [validate_row(row, today) for row in rows]
    return [each for each in looked_at if not isinstance(each, PlacementRow)]


class TestLoanFile:
    def test_owes_what_was_lent_and_not_paid_back_in_exact_cents(self, tmp_path: Path) -> None:
        read = placement_file.read(written(tmp_path, LOAN), Draws(1), TODAY)
        assert read.kind == "lendingclub"
        assert read.rows[0]["principal"] == read.rows[0]["total_balance"] == 111_370
        assert not refusals(read.rows)

    def test_leaves_out_and_counts_what_owes_nothing(self, tmp_path: Path) -> None:
        paid = LOAN | {"row_key": "LC2009-00002", "total_rec_prncp": "2000.00"}
        read = placement_file.read(written(tmp_path, paid, LOAN), Draws(1), TODAY)
        assert (len(read.rows), read.nothing_owed) == (1, 1)

    def test_makes_up_the_same_people_for_the_same_seed(self, tmp_path: Path) -> None:
        file = written(tmp_path, LOAN)
        first, again, other = (
            placement_file.read(file, Draws(seed), TODAY).rows[0]["parties"] for seed in (1, 1, 2)
        )
        assert first == again != other

    def test_keeps_the_zip_prefix_and_state_of_the_file(self, tmp_path: Path) -> None:
        (row,) = placement_file.read(written(tmp_path, LOAN), Draws(1), TODAY).rows
        (address,) = row["parties"][0]["addresses"]
        assert (address["zip"][:3], address["state"]) == ("285", "NC")

    @pytest.mark.parametrize("amount", ["", "much"])
    def test_is_refused_where_an_amount_is_missing(self, tmp_path: Path, amount: str) -> None:
        file = written(tmp_path, LOAN | {"funded_amnt": amount})
        with pytest.raises(FileRefused, match="funded_amnt"):
            placement_file.read(file, Draws(1), TODAY)

    @pytest.mark.skipif(not LOANS.exists(), reason="the loan file is not part of the repository")
    @pytest.mark.parametrize("seed", [1, 2])
    def test_is_accepted_whole(self, seed: int) -> None:
        today = almanac.start_of(seed).date()
        read = placement_file.read(LOANS, Draws(seed), today)
        assert (len(read.rows), read.nothing_owed) == (4_490, 0)
        assert sum(row["total_balance"] for row in read.rows) == 33_765_807_62
        assert not refusals(read.rows, today)
        phones = [each["number"] for row in read.rows for each in row["parties"][0]["phones"]]
        assert len(set(phones)) == len(phones)

    @pytest.mark.skipif(not LOANS.exists(), reason="the loan file is not part of the repository")
    def test_limit_takes_the_first_ones_as_they_are_in_the_whole(self) -> None:
        some = placement_file.read(LOANS, Draws(1), TODAY, 50).rows
        assert some == placement_file.read(LOANS, Draws(1), TODAY).rows[:50]


class TestOwnFile:
    def test_reads_amounts_as_cents_and_blanks_as_absent(self, tmp_path: Path) -> None:
        line = own(phone="+12175550123", email="", interest="")
        read = placement_file.read(written(tmp_path, line), Draws(1), TODAY)
        (row,) = read.rows
        assert (read.kind, read.creditor_name) == ("own", "Example Receivables")
        assert (row["principal"], row["interest"]) == (100_50, 0)
        assert (len(row["parties"][0]["phones"]), row["parties"][0]["emails"]) == (1, [])
        assert not refusals(read.rows)

    def test_reads_how_an_email_address_came_into_use(self, tmp_path: Path) -> None:
        line = own(
            email="ada@example.com",
            email_procedure="creditor_notice",
            email_given_on="2026-01-01",
            email_notice_sent_on="2026-01-01",
            email_opt_out_by="2026-02-05",
        )
        (row,) = placement_file.read(written(tmp_path, line), Draws(1), TODAY).rows
        (consent,) = row["parties"][0]["emails"][0]["consents"]
        assert consent["opt_out_by"] == "2026-02-05"
        assert not refusals((row,))

    @pytest.mark.parametrize("amount", ["1.005", "ten", "NaN", "1e99999"])
    def test_hands_on_what_is_no_amount_for_the_ledger_to_name(
        self, tmp_path: Path, amount: str
    ) -> None:
        read = placement_file.read(written(tmp_path, own(principal=amount)), Draws(1), TODAY)
        (errors,) = refusals(read.rows)
        assert "/principal" in {each.pointer for each in errors}

    def test_names_missing_and_unknown_columns(self, tmp_path: Path) -> None:
        line = own(loan_officer="x")
        del line["principal"]
        with pytest.raises(FileRefused) as refused:
            placement_file.read(written(tmp_path, line), Draws(1), TODAY)
        assert "Missing: principal." in str(refused.value)
        assert "Unknown: loan_officer." in str(refused.value)

    def test_refuses_a_line_with_too_many_fields(self, tmp_path: Path) -> None:
        file = written(tmp_path, own())
        file.write_text(file.read_text().rstrip() + ",more\r\n")
        with pytest.raises(FileRefused, match="line 2"):
            placement_file.read(file, Draws(1), TODAY)

    def test_refuses_a_file_without_accounts_and_one_that_is_not_there(
        self, tmp_path: Path
    ) -> None:
        file = tmp_path / "given.csv"
        file.write_text(",".join(columns.NAMES) + "\n")
        with pytest.raises(FileRefused, match="no account"):
            placement_file.read(file, Draws(1), TODAY)
        with pytest.raises(FileRefused, match="cannot be read"):
            placement_file.read(tmp_path / "none.csv", Draws(1), TODAY)
