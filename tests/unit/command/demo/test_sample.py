"""The sample that the repository ships is what its generator writes, and all of it is taken."""

from pathlib import Path

import pytest

from services.command.demo import almanac, columns, placement_file, sample
from services.command.demo.draws import Draws
from services.ledger.placements.rows import PlacementRow, validate_row

DOCUMENT = Path(__file__).resolve().parents[4] / "docs/demo.md"


class TestSample:
    def test_is_what_the_generator_writes(self, tmp_path: Path) -> None:
        sample.write(tmp_path / "again.csv")
        assert (tmp_path / "again.csv").read_bytes() == columns.SAMPLE.read_bytes()

    @pytest.mark.parametrize("seed", range(1, len(almanac.STARTS) + 1))
    def test_is_accepted_whole_on_every_day_that_a_play_begins(self, seed: int) -> None:
        today = almanac.start_of(seed).date()
        rows = placement_file.read(columns.SAMPLE, Draws(seed), today).rows
        assert len(rows) == sample.ACCOUNTS
        assert all(isinstance(validate_row(row, today), PlacementRow) for row in rows)

    def test_has_people_with_more_than_one_account(self) -> None:
        rows = placement_file.read(columns.SAMPLE, Draws(1), almanac.STARTS[0]).rows
        assert len({row["customer_reference"] for row in rows}) < len(rows)

    def test_names_nobody_who_can_be_reached(self) -> None:
        for row in placement_file.read(columns.SAMPLE, Draws(1), almanac.STARTS[0]).rows:
            (person,) = row["parties"]
            assert all("55501" in phone["number"] for phone in person["phones"])
            assert all("@example." in email["address"] for email in person["emails"])


def test_the_document_explains_every_column() -> None:
    text = DOCUMENT.read_text()
    assert [name for name in columns.NAMES if f"`{name}`" not in text] == []
