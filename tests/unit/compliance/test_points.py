from services.compliance.points.domain import (
    POINTS,
    OptOutPoint,
    PointOptedOut,
    PointOptOutReleased,
    ReleaseOptOut,
    opt_outs,
)
from services.compliance.rules.request import PointOptOut
from shared.testing.spec import Spec
from tests.unit.compliance.samples import NOON

SPEC = Spec(POINTS)


def stop(version: int = 1) -> OptOutPoint:
    return OptOutPoint(
        digest="d",
        consumer_ids=("cns_1",),
        fact_key="fact_1",
        source_stream="contact-cns_1",
        source_version=version,
        medium="email",
        now=NOON,
    )


def release(version: int = 2) -> ReleaseOptOut:
    return ReleaseOptOut(
        digest="d",
        consumer_ids=("cns_1",),
        fact_key="fact_1",
        source_stream="contact-cns_1",
        source_version=version,
        released_by="usr_1",
        reason="asked for e-mail again",
        now=NOON,
    )


class TestOptOutPoint:
    def test_binds_the_address(self) -> None:
        events = SPEC.when(stop()).events()
        assert isinstance(events[0], PointOptedOut)
        assert opt_outs(POINTS.fold(events)) == (PointOptOut(fact_key="fact_1", medium="email"),)

    def test_is_a_guard(self) -> None:
        assert POINTS.is_guard

    def test_of_an_older_version_changes_nothing(self) -> None:
        SPEC.given(*SPEC.when(stop(2)).events()).when(stop(1)).then_nothing()


class TestReleaseOptOut:
    def test_ends_it(self) -> None:
        given = SPEC.when(stop()).events()
        events = SPEC.given(*given).when(release()).events()
        assert isinstance(events[0], PointOptOutReleased)
        assert opt_outs(POINTS.fold((*given, *events))) == ()

    def test_that_overtakes_wins(self) -> None:
        given = SPEC.when(release(2)).events()
        SPEC.given(*given).when(stop(1)).then_nothing()
        assert opt_outs(POINTS.fold(given)) == ()

    def test_of_an_older_version_changes_nothing(self) -> None:
        given = SPEC.when(stop(5)).events()
        SPEC.given(*given).when(release(2)).then_nothing()
