"""One supervisor per data folder."""

from pathlib import Path

import pytest

from services.command import instance
from services.command.instance import AlreadyRunning, Holder

HOLDER = Holder(pid=7, urls={"ledger": "http://127.0.0.1:8101"})


class TestHeld:
    def test_refuses_a_second_holder_and_names_the_first(self, tmp_path: Path) -> None:
        lock = tmp_path / "new" / "supervisor.lock"
        with instance.held(lock, HOLDER):
            with pytest.raises(AlreadyRunning) as refused, instance.held(lock, HOLDER):
                pass
            assert refused.value.holder == HOLDER
            assert instance.current_holder(lock) == HOLDER

    def test_can_be_held_again_afterwards(self, tmp_path: Path) -> None:
        lock = tmp_path / "supervisor.lock"
        for _ in range(2):
            with instance.held(lock, HOLDER) as was_killed:
                assert not was_killed
        assert instance.current_holder(lock) is None

    def test_tells_that_the_last_holder_was_killed(self, tmp_path: Path) -> None:
        lock = tmp_path / "supervisor.lock"
        lock.write_text('{"pid": 7, "urls": {}}')
        assert instance.current_holder(lock) is None
        with instance.held(lock, HOLDER) as was_killed:
            assert was_killed
