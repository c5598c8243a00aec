from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.http.fields import Date, Instant, TimeOfDay, TimeZoneName
from tests.unit.shared.fields.reading import accepted, refused, schema


class TestDate:
    @pytest.mark.parametrize("text", ["1900-01-01", "2024-02-29", "2026-11-21", "2100-12-31"])
    def test_is_written_as_text(self, text: str) -> None:
        assert accepted(Date, text) == date.fromisoformat(text)

    @pytest.mark.parametrize(
        "value",
        [
            "2026-02-30",
            "2025-02-29",
            "2026-13-01",
            "2026-00-10",
            "0000-01-01",
            0,
            1700000000,
            1700000000000,
            "1700000000",
            1.5,
            True,
            None,
            "2026-03-08T00:00:00",
            "2026-03-08T00:00:00Z",
            "20260308",
            "2026-W10-7",
            "2026-3-8",
            "03/08/2026",
            " 2026-03-08",
            "2026-03-08\n",
            "٢٠٢٦-٠٣-٠٨",
            "２０２６-０３-０８",
            "2026\u201003\u201008",
            "+2026-03-08",
            "",
            ["2026-03-08"],
        ],
    )
    def test_is_refused_in_any_other_form(self, value: Any) -> None:
        assert refused(Date, value) == "date"

    @pytest.mark.parametrize("text", ["1899-12-31", "0001-01-01", "2101-01-01", "9999-12-31"])
    def test_stays_in_range(self, text: str) -> None:
        assert refused(Date, text) == "date-range"

    @given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
    def test_reads_every_day(self, day: date) -> None:
        assert accepted(Date, day.isoformat()) == day

    def test_shows_its_format(self) -> None:
        assert schema(Date) == {"type": "string", "format": "date"}


class TestInstant:
    @pytest.mark.parametrize(
        ("text", "instant"),
        [
            ("2026-03-08T17:30:00Z", datetime(2026, 3, 8, 17, 30, tzinfo=UTC)),
            ("2026-03-08T17:30:00.5Z", datetime(2026, 3, 8, 17, 30, 0, 500_000, tzinfo=UTC)),
            ("2026-03-08T17:30:00.000001Z", datetime(2026, 3, 8, 17, 30, 0, 1, tzinfo=UTC)),
            ("2026-03-08T12:30:00-05:00", datetime(2026, 3, 8, 17, 30, tzinfo=UTC)),
            ("2026-03-08T23:15:00+05:45", datetime(2026, 3, 8, 17, 30, tzinfo=UTC)),
            ("2026-03-08T17:30:00+00:00", datetime(2026, 3, 8, 17, 30, tzinfo=UTC)),
            # Local times that do not exist or exist twice mean one instant with an offset.
            ("2026-03-08T02:30:00-05:00", datetime(2026, 3, 8, 7, 30, tzinfo=UTC)),
            ("2026-11-01T01:30:00-04:00", datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
            ("2026-11-01T01:30:00-05:00", datetime(2026, 11, 1, 6, 30, tzinfo=UTC)),
            ("1900-01-01T00:00:00Z", datetime(1900, 1, 1, tzinfo=UTC)),
            ("2101-01-01T00:30:00+01:00", datetime(2100, 12, 31, 23, 30, tzinfo=UTC)),
        ],
    )
    def test_is_kept_in_utc(self, text: str, instant: datetime) -> None:
        found = accepted(Instant, text)
        assert found == instant
        assert found.tzinfo is UTC

    @pytest.mark.parametrize("text", ["2026-03-08T02:30:00", "2026-11-01T01:30:00.5"])
    def test_needs_an_offset(self, text: str) -> None:
        assert refused(Instant, text) == "offset-required"

    @pytest.mark.parametrize(
        "value",
        [
            "2016-12-31T23:59:60Z",
            "2026-03-08T24:00:00Z",
            "24:00",
            "2026-02-30T00:00:00Z",
            "2026-03-08T12:60:00Z",
            "2026-03-08T12:00:00.1234567Z",
            "2026-03-08T12:00:00.Z",
            "2026-03-08T12:00:00,5Z",
            "2026-03-08T12:00Z",
            "2026-03-08 12:00:00Z",
            "2026-03-08t12:00:00z",
            "2026-03-08T12:00:00+0500",
            "2026-03-08T12:00:00+24:00",
            "2026-03-08T12:00:00+05:60",
            "2026-03-08T12:00:00 -05:00",
            "2026-03-08T12:00:00[America/New_York]",
            "2026-03-08T12:00:00Z\n",
            " 2026-03-08T12:00:00Z",
            "٢٠٢٦-03-08T12:00:00Z",
            "2026-03-08T１２:00:00Z",
            "2026-03-08",
            "1700000000",
            0,
            1700000000,
            1700000000000,
            1.5,
            True,
            None,
            "",
        ],
    )
    def test_is_refused_in_any_other_form(self, value: Any) -> None:
        assert refused(Instant, value) == "instant"

    @pytest.mark.parametrize(
        "text",
        [
            "9999-12-31T23:59:59-14:00",
            "0001-01-01T00:00:00+14:00",
            "0000-01-01T00:00:00Z",
            "1900-01-01T00:00:00+01:00",
            "2100-12-31T23:30:00-01:00",
            "1899-12-31T23:59:59Z",
        ],
    )
    def test_stays_in_range(self, text: str) -> None:
        assert refused(Instant, text) == "date-range"

    @given(st.integers(0, 200 * 366 * 24 * 3600 * 1_000_000))
    def test_reads_every_instant(self, microseconds: int) -> None:
        instant = datetime(1900, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
        text = instant.isoformat(timespec="microseconds").replace("+00:00", "Z")
        assert accepted(Instant, text) == instant

    def test_shows_its_format(self) -> None:
        assert schema(Instant) == {"type": "string", "format": "date-time"}


class TestTimeOfDay:
    @pytest.mark.parametrize("text", ["00:00", "08:05", "23:59"])
    def test_is_hours_and_minutes(self, text: str) -> None:
        assert accepted(TimeOfDay, text) == text

    @pytest.mark.parametrize("text", ["24:00", "8:00", "08:60", "08:00:00", "08:00\n", "٠٨:٠٠", ""])
    def test_is_refused_otherwise(self, text: str) -> None:
        assert refused(TimeOfDay, text) == "time-of-day"


class TestTimeZoneName:
    def test_is_an_area_and_city_of_ours(self) -> None:
        assert accepted(TimeZoneName, "America/Adak") == "America/Adak"
        assert accepted(TimeZoneName, "America/St_Thomas") == "America/Puerto_Rico"
        assert "America/Chicago" in schema(TimeZoneName)["enum"]

    @pytest.mark.parametrize(
        "text", ["../../x", "america/new_york", "EST5EDT", "UTC+3", "Etc/GMT+5", "US/Eastern", ""]
    )
    def test_is_refused_otherwise(self, text: str) -> None:
        assert refused(TimeZoneName, text) == "time-zone"

    def test_is_text(self) -> None:
        assert refused(TimeZoneName, -5) == "type"
