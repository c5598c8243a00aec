"""What ends is started again: at once when it had been of use, after growing pauses when not."""

from pathlib import Path

import pytest

from services.command import processes
from services.command.processes import Kept


class Flaky:
    """A process that is dead until started, and refuses to start while told to."""

    def __init__(self) -> None:
        self.is_broken = False
        self.starts = 0
        self._is_running = False

    def start(self) -> None:
        self.starts += 1
        if self.is_broken:
            raise OSError("no")
        self._is_running = True

    def is_running(self) -> bool:
        return self._is_running

    def stop(self) -> None:
        self._is_running = False


class Steps:
    """A monotonic clock that moves when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


class TestKept:
    def test_leaves_what_runs_alone(self) -> None:
        process = Flaky()
        process.start()
        assert not Kept("it", process, lambda line: None).revive((OSError,))
        assert process.starts == 1

    def test_starts_what_had_been_useful_at_once(self) -> None:
        process = Flaky()
        kept = Kept("it", process, lambda line: None, Steps().monotonic)
        for _ in range(20):
            assert kept.revive((OSError,))
            kept.proved_useful()
            process.stop()

    def test_pauses_ever_longer_for_what_does_not_start(self) -> None:
        process, lines, clock = Flaky(), list[str](), Steps()
        process.is_broken = True
        kept = Kept("it", process, lines.append, clock.monotonic)
        began = clock.now
        while clock.now < began + 60:
            kept.revive((OSError,))
            clock.now += 0.1
        assert 10 < process.starts < 20
        process.is_broken = False
        clock.now += processes.PAUSE_MAX_S + 0.1
        assert kept.revive((OSError,))
        assert "it did not start: no" in lines

    def test_lets_an_unforeseen_failure_out(self) -> None:
        process = Flaky()
        process.is_broken = True
        with pytest.raises(OSError, match="no"):
            Kept("it", process, lambda line: None).revive((ValueError,))


class TestTrim:
    def test_keeps_the_newer_half_in_whole_lines(self, tmp_path: Path) -> None:
        log = tmp_path / "log"
        with log.open("a") as writer:
            writer.writelines(f"line {nth}\n" for nth in range(200))
            writer.flush()
            processes.trim(log, 1000)
            writer.write("appended\n")
        lines = log.read_text().splitlines()
        assert log.stat().st_size <= 600
        assert all(line.startswith(("line ", "appended")) for line in lines)
        assert lines[-2:] == ["line 199", "appended"]

    def test_leaves_a_small_log_alone(self, tmp_path: Path) -> None:
        log = tmp_path / "log"
        processes.trim(log)
        log.write_text("line\n")
        processes.trim(log)
        assert log.read_text() == "line\n"
        assert processes.tail(log, 5) == "line"
