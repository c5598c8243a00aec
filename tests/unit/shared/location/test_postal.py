from typing import Any

import pytest

from shared.location.evidence import UNKNOWN, Evidence, either
from shared.location.postal import ZipTable, postal_evidence
from shared.location.states import STATE_ZONES


def row(zip_code: str, state: str, zone: str, county: str = "Some County") -> dict[str, Any]:
    return {"zip_code": zip_code, "state": state, "timezone": zone, "county": county}


class TestPostalEvidence:
    @pytest.mark.parametrize(
        ("zip5", "state", "zone"),
        [
            ("12201", "NY", "America/New_York"),
            ("33101", "FL", "America/New_York"),
            ("32501", "FL", "America/Chicago"),
            ("78701", "TX", "America/Chicago"),
            ("40202", "KY", "America/Kentucky/Louisville"),
            ("46204", "IN", "America/Indiana/Indianapolis"),
            ("85001", "AZ", "America/Phoenix"),
            ("96813", "HI", "Pacific/Honolulu"),
            ("00802", "VI", "America/Puerto_Rico"),
            ("96950", "MP", "Pacific/Guam"),
            ("96910", "GU", "Pacific/Guam"),
        ],
    )
    def test_is_one_zone_where_that_is_certain(self, zip5: str, state: str, zone: str) -> None:
        assert postal_evidence(zip5, state) == Evidence(zones=(zone,), states=(state,))
        assert postal_evidence(zip5) == Evidence(zones=(zone,), states=(state,))

    @pytest.mark.parametrize(
        ("zip5", "state"),
        [
            ("42001", "KY"),  # Paducah: public tables contradict each other
            ("47708", "IN"),  # Evansville: likewise
            ("86515", "AZ"),  # Window Rock, Navajo Nation
            ("69101", "NE"),  # North Platte, beside the line
            ("32456", "FL"),  # Gulf County, on the line
            ("97901", "OR"),  # Malheur County
            ("99634", "AK"),  # the table says "Napakiak"
        ],
    )
    def test_is_every_zone_of_the_state_in_doubt(self, zip5: str, state: str) -> None:
        assert set(postal_evidence(zip5, state).zones) == set(STATE_ZONES[state])

    def test_adds_clocks_that_the_table_misses(self) -> None:
        assert postal_evidence("89883", "NV").zones == ("America/Denver", "America/Los_Angeles")
        assert postal_evidence("36867", "AL").zones == ("America/Chicago", "America/New_York")
        assert postal_evidence("36830", "AL").zones == ("America/Chicago",)

    def test_is_either_when_zip_code_and_state_contradict_each_other(self) -> None:
        assert postal_evidence("10001", "CA") == Evidence(
            zones=("America/Los_Angeles", "America/New_York"),
            states=("CA", "NY"),
            localities=("NYC",),
        )

    def test_is_the_state_for_an_unlisted_zip_code_of_its_region(self) -> None:
        assert postal_evidence("10000", "NY") == Evidence(
            zones=("America/New_York",), states=("NY",), localities=("NYC",)
        )

    @pytest.mark.parametrize(
        ("zip5", "state"),
        [
            ("09012", "AE"),  # armed forces
            ("09012", "FL"),
            ("96939", "PW"),  # Palau
            ("00000", "FL"),
            ("99999", None),
            ("33101", "XX"),
            ("33101", "AE"),
            ("3310", "FL"),
            ("33101-1234", "FL"),
            ("٣٣١٠١", "FL"),
            ("３３１０１", "FL"),
            ("", "FL"),
        ],
    )
    def test_is_unknown_without_a_place(self, zip5: str, state: str | None) -> None:
        assert postal_evidence(zip5, state) == UNKNOWN


class TestZipTable:
    def test_drops_blank_junk_and_impossible_zones(self) -> None:
        table = ZipTable(
            [
                row("11111", "NY", ""),
                row("22222", "NY", "Napakiak"),
                row("33333", "NY", "America/Denver"),
                row("44444", "AE", ""),
            ]
        )
        for zip5 in ("11111", "22222", "33333"):
            assert table.evidence(zip5, None).zones == ("America/New_York",)
        assert table.evidence("44444", "AE") == UNKNOWN

    def test_doubts_a_zip_code_whose_county_keeps_two_clocks(self) -> None:
        table = ZipTable(
            [
                row("11111", "TN", "America/Chicago", "La Porte County"),
                row("22222", "TN", "America/New_York", "LaPorte County"),
                row("33333", "TN", "America/New_York", "Another County"),
            ]
        )
        assert table.evidence("11111", "TN").zones == ("America/Chicago", "America/New_York")
        assert table.evidence("33333", "TN").zones == ("America/New_York",)

    def test_doubts_a_zip_code_whose_prefix_keeps_two_clocks(self) -> None:
        table = ZipTable(
            [
                row("11111", "TN", "America/Chicago", "One County"),
                row("11122", "TN", "America/New_York", "Another County"),
            ]
        )
        assert table.evidence("11122", "TN").zones == ("America/Chicago", "America/New_York")

    def test_takes_two_names_of_one_clock_for_certain(self) -> None:
        table = ZipTable(
            [
                row("11111", "IN", "America/New_York"),
                row("11122", "IN", "America/Indiana/Indianapolis"),
            ]
        )
        assert table.evidence("11122", "IN").zones == ("America/Indiana/Indianapolis",)


class TestEither:
    def test_joins_what_is_known(self) -> None:
        joined = either(
            Evidence(zones=("America/New_York",), states=("FL",)),
            Evidence(zones=("America/Chicago",), states=("AL",)),
        )
        assert joined.zones == ("America/Chicago", "America/New_York")
        assert joined.states == ("AL", "FL")

    def test_is_unknown_when_one_part_is(self) -> None:
        assert either(Evidence(zones=("America/Chicago",), states=("AL",)), UNKNOWN) == UNKNOWN
