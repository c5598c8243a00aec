"""How what a caller sends becomes what a profile takes in."""

import pytest
from pydantic import TypeAdapter

from services.contact.attempts.bodies import AttemptBody
from services.contact.profiles.bodies import StatementBody
from services.contact.profiles.domain import commands, told

STATEMENT: TypeAdapter[StatementBody] = TypeAdapter(StatementBody)
ACCOUNT = "acct_01h455vb4pex5vsknk084sn02q"
POINT = "cp_01h455vb4pex5vsknk084sn02q"
INBOUND = "inb_01h455vb4pex5vsknk084sn02q"


def windows(window: str) -> tuple[told.WeeklyWindow, ...]:
    body = f'{{"kind": "inconvenient_time", "windows": [{window}]}}'
    said = STATEMENT.validate_json(body).said(None)
    assert isinstance(said, commands.InconvenientTime)
    return said.windows


class TestWindows:
    def test_a_window_within_a_day_is_one(self) -> None:
        asked = '{"weekdays": [0, 4], "from_time": "09:00", "until_time": "17:30"}'
        assert windows(asked) == (
            told.WeeklyWindow(weekdays=(0, 4), from_minute=540, until_minute=1050),
        )

    def test_a_window_past_midnight_is_two(self) -> None:
        asked = '{"weekdays": [6], "from_time": "22:00", "until_time": "06:00"}'
        assert windows(asked) == (
            told.WeeklyWindow(weekdays=(6,), from_minute=1320, until_minute=1440),
            told.WeeklyWindow(weekdays=(0,), from_minute=0, until_minute=360),
        )

    def test_nothing_said_is_the_whole_day(self) -> None:
        assert windows("{}") == (told.WeeklyWindow(from_minute=0, until_minute=1440),)

    def test_until_midnight_is_the_end_of_the_day(self) -> None:
        asked = '{"from_time": "20:00", "until_time": "00:00"}'
        assert windows(asked) == (told.WeeklyWindow(from_minute=1200, until_minute=1440),)

    def test_the_same_time_twice_is_a_whole_day_from_then_on(self) -> None:
        first, second = windows('{"from_time": "08:00", "until_time": "08:00"}')
        assert (first.from_minute, second.until_minute) == (480, 480)


class TestIntendedAct:
    @pytest.mark.parametrize(
        ("more", "act"),
        [
            ("", "contact"),
            (f', "in_reply_to": "{INBOUND}"', "reply"),
            (', "act": "opt_out_confirmation"', "opt_out_confirmation"),
        ],
    )
    def test_whoever_names_a_message_replies(self, more: str, act: str) -> None:
        body = AttemptBody.model_validate_json(
            f'{{"account_id": "{ACCOUNT}", "channel": "call", "contact_point_id": "{POINT}",'
            f' "purpose": "collection"{more}}}'
        )
        assert body.intended_act == act
