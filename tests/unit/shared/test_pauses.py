"""A task that keeps failing is tried less and less often."""

from shared.service.pauses import LASTED_S, Pauses


class TestPauses:
    def test_they_grow_and_stay_bounded(self) -> None:
        given = Pauses()
        seen = []
        for _ in range(8):
            given.begin()
            seen.append(given.next_s())
        assert seen == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]

    def test_they_begin_again_once_the_task_has_lasted(self) -> None:
        times = iter((0.0, 1.0, 1.0, 2.0, 3.0, 3.0 + LASTED_S + 1.0))
        given = Pauses(lambda: next(times))
        seen = []
        for _ in range(3):
            given.begin()
            seen.append(given.next_s())
        assert seen == [1.0, 2.0, 1.0]
