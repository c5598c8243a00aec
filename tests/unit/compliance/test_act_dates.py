from datetime import date
from typing import Any

import pytest

from services.compliance.permits.domain.act_dates import require_past
from services.compliance.rules.act_request import AddCharge, DepositInstrument, Furnish, Purge
from shared.kernel.errors import DomainError
from tests.unit.compliance.samples import local

TODAY, AHEAD, LATER = date(2026, 6, 10), date(2026, 6, 11), date(2026, 6, 12)
NOW = local("2026-06-10T12:00")  # and the eleventh already where the day begins


def check(**changes: Any) -> DepositInstrument:
    days = {"received_on": TODAY, "dated_on": LATER, "deposit_on": LATER, **changes}
    return DepositInstrument(**days)


@pytest.mark.parametrize(
    "act",
    [
        Furnish(),
        check(),
        check(received_on=AHEAD, notice_sent_on=AHEAD),
        AddCharge(charge="interest", from_on=TODAY, until_on=LATER),
        AddCharge(charge="interest", until_on=LATER),
        Purge(records="all", last_activity_on=TODAY),
    ],
)
def test_takes_days_that_have_come_somewhere(act: Any) -> None:
    require_past(act, NOW)


@pytest.mark.parametrize(
    ("act", "code", "pointer"),
    [
        (check(received_on=LATER), "in-the-future", "/act/received_on"),
        (check(notice_sent_on=LATER), "in-the-future", "/act/notice_sent_on"),
        (AddCharge(charge="interest", from_on=LATER), "in-the-future", "/act/from_on"),
        (Purge(records="all", last_activity_on=LATER), "in-the-future", "/act/last_activity_on"),
        (
            Purge(records="call_recording", recorded_on=LATER),
            "in-the-future",
            "/act/recorded_on",
        ),
        (
            AddCharge(charge="interest", from_on=TODAY, until_on=date(2026, 6, 9)),
            "ends-before-it-starts",
            "/act/until_on",
        ),
    ],
)
def test_refuses_days_that_cannot_have_been(act: Any, code: str, pointer: str) -> None:
    with pytest.raises(DomainError) as refused:
        require_past(act, NOW)
    assert (refused.value.code, refused.value.pointer) == (code, pointer)
