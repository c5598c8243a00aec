import pytest

from services.compliance.rules.check.phrases import NEVER_CONVENIENT, windows_of
from services.compliance.rules.facts import WeeklyWindow

WEEKDAYS, WEEKEND = (0, 1, 2, 3, 4), (5, 6)


def barred(phrase: str, weekday: int, hour: float, *, means_convenient: bool = False) -> bool:
    """Tell whether an hour of a weekday is inconvenient by a phrase."""
    return any(
        (not each.weekdays or weekday in each.weekdays)
        and each.from_minute <= hour * 60 < each.until_minute
        for each in windows_of(phrase, year=2026, means_convenient=means_convenient)
    )


@pytest.mark.parametrize(
    ("phrase", "inconvenient", "convenient"),
    [
        ("every Friday", [(4, 0), (4, 23.9)], [(3, 12), (5, 12)]),
        ("weekends", [(5, 12), (6, 12)], [(4, 12)]),
        ("weekdays 15:00-17:00", [(0, 15), (4, 16.9)], [(0, 14.9), (0, 17), (5, 16)]),
        ("between 3 and 5 p.m. on weekdays", [(0, 15), (4, 16.9)], [(0, 14.9), (5, 16)]),
        ("do not call before noon", [(2, 11.9)], [(2, 12)]),
        ("not after 6 pm", [(2, 18)], [(2, 17.9)]),
        ("only after 6 pm", [(2, 17.9)], [(2, 18)]),
        ("you can call mornings", [(2, 12)], [(2, 11.9)]),
        ("Monday through Friday 9am to 5pm", [(0, 9), (4, 16)], [(0, 8), (0, 17), (5, 12)]),
        ("never on Sundays", [(6, 12)], [(5, 12)]),
        ("Tuesday and Thursday afternoons", [(1, 13), (3, 17)], [(1, 11), (2, 13)]),
        ("10 pm to 6 am", [(0, 23), (0, 5)], [(0, 12)]),
        ("weekdays except 3-5 pm; no weekends", [(0, 15), (5, 12)], [(0, 14), (4, 17)]),
        ("do not call weekdays except 3-5 pm", [(0, 14), (4, 17)], [(0, 15), (5, 12)]),
        ("no calls at work hours", [(0, 10)], [(0, 18)]),
    ],
)
def test_phrase(
    phrase: str, inconvenient: list[tuple[int, float]], convenient: list[tuple[int, float]]
) -> None:
    assert all(barred(phrase, *each) for each in inconvenient)
    assert not any(barred(phrase, *each) for each in convenient)


def test_a_bare_span_may_be_what_suits() -> None:
    assert barred("weekday mornings", 0, 13, means_convenient=True)
    assert not barred("weekday mornings", 0, 9, means_convenient=True)


def test_the_end_of_the_year_ends_it() -> None:
    (window,) = windows_of(
        "cannot be disturbed Tuesdays and Thursdays through end of calendar year", year=2026
    )
    assert window.weekdays == (1, 3)
    assert str(window.last_date) == "2026-12-31"


@pytest.mark.parametrize("phrase", ["", "when the moon is full", "I would rather not", ";;;"])
def test_what_nobody_understands_is_never_convenient(phrase: str) -> None:
    assert windows_of(phrase, year=2026) == NEVER_CONVENIENT == (WeeklyWindow(),)
