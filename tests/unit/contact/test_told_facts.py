"""What compliance is told is what its gate reads: the same kinds, the same fields."""

from datetime import date, timedelta
from typing import Any, get_args

import msgspec
import pytest

from services.compliance.rules import facts as gate
from services.contact.profiles import domain as profiles
from services.contact.profiles.domain import commands, told
from services.contact.profiles.hearing import heard_of
from shared.testing.spec import Spec
from tests.unit.contact.samples import CONSUMER, NOON, point_recorded, say

SAID: tuple[commands.Said, ...] = (
    commands.Cease(in_writing=True, medium="email", account_ids=("acct_1",)),
    commands.Cease(in_writing=False, medium="call"),
    commands.OptOut(medium="call"),
    commands.OptOut(medium="in_person"),
    commands.OptOut(medium="social"),
    commands.OptOut(medium="text", contact_point_id="cp_1"),
    commands.Attorney(account_ids=("acct_1",)),
    commands.InconvenientTime(
        windows=(
            told.WeeklyWindow(
                weekdays=(0, 4),
                from_minute=540,
                until_minute=1020,
                first_date=date(2026, 6, 1),
                zone="America/Chicago",
            ),
        )
    ),
    commands.InconvenientPlace(place="work"),
    commands.EmployerProhibits(),
    commands.ExtraCalls(account_ids=("acct_1",), first_date=date(2026, 6, 2)),
    commands.WrongNumber(contact_point_id="cp_1"),
    commands.ThirdPartyDisclosure(contact_point_id="cp_1"),
    commands.PriorConsent(lifts=("time", "place"), source="court", until=NOON + timedelta(days=1)),
    commands.PriorConsent(lifts=(), third_parties=("pty_1",)),
    commands.ConsumerStatus(status="deceased"),
    commands.Bankruptcy(
        chapter=13,
        filed_on=date(2026, 5, 1),
        account_ids=("acct_1", "acct_2"),
        reaffirmed=("acct_2",),
    ),
    commands.MilitaryService(started_on=date(2026, 1, 1), notice_received_on=date(2026, 2, 1)),
    commands.IdentityTheft(account_id="acct_1", source="agency_block"),
    commands.NumberCheck(contact_point_id="cp_1", answer="no", consent_on=date(2026, 1, 1)),
    commands.PriorConduct(conduct="threat_of_violence"),
    commands.InitialCommunication(account_id="acct_1", is_oral=True),
    commands.ReportingDispute(account_id="acct_1", is_extended=True),
    commands.DebtPosition(position="does_not_owe", account_ids=("acct_1",)),
)


@pytest.mark.parametrize("kind", get_args(told.Fact), ids=lambda kind: kind.__name__)
def test_every_kind_is_one_of_the_gates(kind: Any) -> None:
    theirs = {each.__struct_config__.tag: each for each in get_args(gate.Fact)}
    twin = theirs[kind.__struct_config__.tag]
    assert set(kind.__struct_fields__) <= set(twin.__struct_fields__)


@pytest.mark.parametrize("said", SAID, ids=lambda said: type(said).__name__)
def test_every_statement_reads_as_the_same_fact(said: commands.Said) -> None:
    happened = Spec(profiles.PROFILES).given(point_recorded()).when(say(said)).events()
    kept = profiles.PROFILES.fold((point_recorded(), *happened)).facts["fact_1"]
    statement = heard_of(CONSUMER, "fact_1", kept).statement
    body = msgspec.json.decode(msgspec.json.encode(statement))
    read: Any = msgspec.convert(body["fact"], gate.Fact, strict=False)
    reread = msgspec.json.decode(msgspec.json.encode(read))
    assert reread == reread | body["fact"]
    assert (body["source_stream"], body["source_version"]) == (f"contact-{CONSUMER}", 2)
    learned = ("received_at", "learned_at", "checked_at", "noticed_at", "at")
    heard = {getattr(read, name) for name in learned if hasattr(read, name)}
    assert heard <= {NOON}  # service has no day on which it was learnt
