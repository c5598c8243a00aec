"""What ends is started again: at once when it had been of use, after growing pauses when not."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.command import processes
from services.command.processes import Kept, ServiceProcess, stop_all


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


Start = Callable[[str, str], ServiceProcess]
ALL_OF_THREE = "while [ $(ls told-* | wc -l) -lt 3 ]; do sleep 0.02; done"


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Return how to start a process that, told to end, does something before it ends."""
    started: list[ServiceProcess] = []

    def begin(name: str, before_it_ends: str) -> ServiceProcess:
        script = (
            f"cd {tmp_path}; trap 'touch told-{name}; {before_it_ends}; touch ended-{name}; exit'"
            f" TERM; touch up-{name}; while :; do sleep 0.02; done"
        )
        log = tmp_path / f"{name}.log"
        started.append(ServiceProcess(("/bin/sh", "-c", script), {"PATH": "/usr/bin:/bin"}, log))
        started[-1].start()
        end = time.monotonic() + 60
        while not (tmp_path / f"up-{name}").exists():
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.02)
        return started[-1]

    yield begin
    for each in started:
        each.kill()


class TestStopAll:
    def test_asks_a_group_together(self, start: Start) -> None:
        group = {name: start(name, ALL_OF_THREE) for name in ("one", "two", "three")}
        assert stop_all([group], timeout_s=60) == []
        assert not any(each.is_running() for each in group.values())

    def test_asks_who_is_called_after_the_callers_have_ended(
        self, start: Start, tmp_path: Path
    ) -> None:
        caller = start("caller", "sleep 0.2")
        called = start("called", "ls > seen")
        assert stop_all([{"caller": caller}, {"called": called}], timeout_s=60) == []
        assert "ended-caller" in (tmp_path / "seen").read_text().split()

    def test_lets_nobody_hold_up_the_next(self, start: Start) -> None:
        waits = start("waits", "while [ ! -e ended-called ]; do sleep 0.02; done")
        called = start("called", ":")
        groups = [{"waits": waits}, {"called": called}]
        assert stop_all(groups, timeout_s=60, answering_s=0.1) == []

    def test_kills_what_still_runs_when_the_time_is_over(self, start: Start) -> None:
        stubborn = {name: start(name, "sleep 60") for name in ("one", "two")}
        polite = start("polite", ":")
        began = time.monotonic()
        groups = [{**stubborn, "polite": polite}, {}]
        assert stop_all(groups, timeout_s=2) == ["one", "two"]
        assert 2 <= time.monotonic() - began < 30
        assert not any(each.is_running() for each in stubborn.values())

    def test_leaves_alone_what_has_ended_or_never_begun(self, start: Start, tmp_path: Path) -> None:
        ended, never = start("ended", ":"), ServiceProcess(("true",), {}, tmp_path / "never.log")
        ended.kill()
        assert stop_all([{"ended": ended, "never": never}], timeout_s=60) == []


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
