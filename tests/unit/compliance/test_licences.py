from datetime import UTC, date, datetime

import pytest

from services.compliance.licences.domain import (
    LICENCES,
    EndLicence,
    LicenceEnded,
    LicenceExpiry,
    LicenceNotFound,
    LicenceRecorded,
    Licences,
    RecordLicence,
    in_force,
    status,
)
from shared.testing.spec import Spec

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
SPEC = Spec(LICENCES)
RECORDED = LicenceRecorded(authority="IL", number="017.1", expires_on=date(2026, 12, 31), at=NOW)
ENDED = LicenceEnded(authority="IL", reason="given up", at=NOW)


def record(**changes: object) -> RecordLicence:
    return RecordLicence(
        **{  # type: ignore[arg-type]
            "authority": "IL",
            "number": "017.1",
            "expires_on": date(2026, 12, 31),
            "now": NOW,
            **changes,
        }
    )


class TestRecordLicence:
    def test_puts_it_on_record(self) -> None:
        SPEC.given().when(record()).then(RECORDED)

    def test_that_is_on_record_changes_nothing(self) -> None:
        SPEC.given(RECORDED).when(record()).then_nothing()

    def test_renews_one(self) -> None:
        renewed = LicenceRecorded(
            authority="IL", number="017.1", expires_on=date(2027, 12, 31), at=NOW
        )
        SPEC.given(RECORDED).when(record(expires_on=date(2027, 12, 31))).then(renewed)

    @pytest.mark.parametrize("expires_on", [date(2026, 6, 9), date(2057, 1, 1)])
    def test_with_a_last_day_that_cannot_be_is_refused(self, expires_on: date) -> None:
        SPEC.given(RECORDED).when(record(expires_on=expires_on)).then_raises(LicenceExpiry)

    @pytest.mark.parametrize("expires_on", [date(2026, 6, 10), date(2056, 12, 31), None])
    def test_may_end_today_or_late_or_never(self, expires_on: date | None) -> None:
        recorded = LicenceRecorded(authority="IL", number="017.1", expires_on=expires_on, at=NOW)
        SPEC.given().when(record(expires_on=expires_on)).then(recorded)

    def test_again_after_its_last_day_changes_nothing(self) -> None:
        later = datetime(2027, 2, 1, tzinfo=UTC)
        SPEC.given(RECORDED).when(record(now=later)).then_nothing()


class TestEndLicence:
    END = EndLicence(authority="IL", reason="given up", now=NOW)

    def test_takes_it_off_the_record(self) -> None:
        SPEC.given(RECORDED).when(self.END).then(ENDED)

    def test_that_was_ended_changes_nothing(self) -> None:
        SPEC.given(RECORDED, ENDED).when(self.END).then_nothing()

    def test_of_one_never_recorded_is_refused(self) -> None:
        SPEC.given().when(self.END).then_raises(LicenceNotFound)

    def test_leaves_others_as_they_are(self) -> None:
        other = LicenceRecorded(authority="WA", number="1", expires_on=None, at=NOW)
        assert in_force(LICENCES.fold([other, RECORDED, ENDED]), NOW) == ("WA",)


class TestInForce:
    def test_tells_nothing_recorded_from_nothing_held(self) -> None:
        assert in_force(Licences(), NOW) is None
        assert in_force(LICENCES.fold([RECORDED, ENDED]), NOW) == ()

    def test_takes_the_end_of_what_was_never_recorded_for_having_none(self) -> None:
        """Such an end is refused now; older logs have it, and contact stays denied as it was."""
        assert in_force(LICENCES.fold([ENDED]), NOW) == ()

    @pytest.mark.parametrize(
        ("at", "held"),
        [
            (datetime(2026, 12, 31, 13, 59, tzinfo=UTC), ("IL",)),
            (datetime(2026, 12, 31, 14, 0, tzinfo=UTC), ()),
        ],
    )
    def test_lasts_until_its_last_day_ends_anywhere(
        self, at: datetime, held: tuple[str, ...]
    ) -> None:
        assert in_force(LICENCES.fold([RECORDED]), at) == held

    def test_holds_what_does_not_expire(self) -> None:
        state = LICENCES.fold(
            [LicenceRecorded(authority="WA", number="1", expires_on=None, at=NOW), RECORDED]
        )
        assert in_force(state, NOW) == ("IL", "WA")


class TestStatus:
    def test_tells_an_expired_licence_from_one_that_was_ended(self) -> None:
        held = LICENCES.fold([RECORDED]).by_authority["IL"]
        given_up = LICENCES.fold([RECORDED, ENDED]).by_authority["IL"]
        assert status(held, NOW) == "in_force"
        assert status(held, datetime(2027, 1, 1, tzinfo=UTC)) == "expired"
        assert status(given_up, NOW) == "ended"
