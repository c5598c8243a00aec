from datetime import timedelta

import pytest

from services.compliance.permits.domain import PermitGranted
from services.compliance.rules import facts, rulebook
from services.compliance.rules.pack import RulePack
from services.compliance.rules.request import Circumstances, ContactRequest, PointOptOut
from shared.kernel.records import replace
from tests.unit.compliance.samples import (
    BOOK,
    NOON,
    World,
    email,
    gate,
    letter,
    local,
    point,
    request,
    text,
)

SHOWN = "flagged_purposes"

MINUTE = timedelta(minutes=1)


def inbound(channel: facts.Channel = "email", **changes: object) -> facts.InboundMessage:
    values: dict[str, object] = {
        "message_id": "inb_1", "channel": channel, "received_at": NOON, **changes
    }  # fmt: skip
    return facts.InboundMessage(**values)  # type: ignore[arg-type]


def without_flags(pack: RulePack) -> RulePack:
    """Return a pack as it was before excepted purposes were shown."""
    terms = tuple(
        replace(each, names={key: given for key, given in each.names.items() if key != SHOWN})
        for each in pack.terms
    )
    return replace(pack, terms=terms)


class TestCeaseNotice:
    @pytest.mark.parametrize("what", [request(), email(), text(), letter()])
    def test_bars_every_medium(self, what: ContactRequest) -> None:
        world = World(gate(facts.CeaseNotice(received_at=NOON)))
        assert world.objecting(what) == {"cease-notice"}

    @pytest.mark.parametrize(
        "purpose",
        [
            "notice_of_termination_of_efforts",
            "invoke_specified_remedy_ordinarily_invoked",
            "intends_to_invoke_specified_remedy",
            "mortgage_servicing_notice",
        ],
    )
    def test_leaves_the_statutory_purposes(self, purpose: str) -> None:
        world = World(gate(facts.CeaseNotice(received_at=NOON)))
        granted = world.ask(letter(purpose=purpose))
        assert isinstance(granted, PermitGranted)
        (flag,) = granted.flags
        assert (flag.flag, flag.facts["excepted_purpose"]) == ("cease-notice", purpose)
        assert "1006.6(c)(2)" in flag.citation

    def test_shows_no_exception_where_nothing_is_lifted(self) -> None:
        assert World().flags(letter(purpose="notice_of_termination_of_efforts")) == set()

    def test_of_an_older_pack_leaves_them_unshown(self) -> None:
        world = World(gate(facts.CeaseNotice(received_at=NOON)))
        older = rulebook.bind([without_flags(each) for each in BOOK.packs])
        granted = world.ask(letter(purpose="mortgage_servicing_notice"), book=older)
        assert isinstance(granted, PermitGranted)
        assert granted.flags == ()

    def test_is_for_the_debts_it_names(self) -> None:
        notice = facts.CeaseNotice(received_at=NOON, account_ids=("acct_1",))
        world = World(gate(notice, accounts=("acct_1", "acct_2")))
        other = letter(account_ids=("acct_2",))
        assert world.objecting(letter()) == {"cease-notice"}
        assert world.flags(other) == {"other-debt-after-cease"}
        assert world.objecting(letter(account_ids=("acct_1", "acct_2"))) == {"cease-notice"}


class TestOralStop:
    def test_ends_the_telephone_and_flags_the_rest(self) -> None:
        world = World(gate(facts.OralStop(received_at=NOON)))
        assert world.objecting() == {"opted-out-medium"}
        assert world.objecting(request(channel="voicemail")) == {"opted-out-medium"}
        assert world.flags(letter()) == {"contact-after-oral-stop"}
        assert world.flags(email()) == {"contact-after-oral-stop"}


class TestAttorney:
    def test_bars_the_consumer(self) -> None:
        world = World(gate(facts.AttorneyRetained(received_at=NOON)))
        assert world.objecting(letter()) == {"attorney-retained"}

    def test_is_for_the_debts_it_covers(self) -> None:
        known = facts.AttorneyRetained(received_at=NOON, account_ids=("acct_2",))
        assert World(gate(known)).verdict(letter()) == "permit"

    def test_leaves_one_reply_in_the_same_medium(self) -> None:
        world = World(gate(facts.AttorneyRetained(received_at=NOON - MINUTE)))
        world.learn(inbound(), NOON)
        reply = email(act="reply")
        assert world.objecting(text(act="reply")) == {"attorney-retained"}
        world.contact(reply, at=NOON, outcome="email_sent")
        assert world.objecting(reply, at=NOON + MINUTE) == {"attorney-retained"}

    def test_a_message_from_before_opens_no_reply(self) -> None:
        world = World()
        world.learn(inbound(), NOON - MINUTE)
        world.learn(facts.AttorneyRetained(received_at=NOON), NOON)
        assert world.objecting(email(act="reply")) == {"attorney-retained"}


class TestReplies:
    def test_are_taken_by_an_outstanding_permit_and_come_back(self) -> None:
        world = World(gate(facts.AttorneyRetained(received_at=NOON - MINUTE)))
        world.learn(inbound(), NOON)
        reply = email(act="reply")
        granted = world.ask(reply)
        assert granted.answers == "inb_1"
        assert world.objecting(reply) == {"attorney-retained"}
        assert world.verdict(reply, at=granted.expires_at) == "permit"

    def test_each_message_opens_one(self) -> None:
        world = World(gate(facts.AttorneyRetained(received_at=NOON - MINUTE)))
        for number in range(2):
            world.learn(inbound(message_id=f"inb_{number}"), NOON)
        for _ in range(2):
            world.contact(email(act="reply"), at=NOON, outcome="email_sent")
        assert world.objecting(email(act="reply")) == {"attorney-retained"}

    def test_go_to_the_address_that_wrote(self) -> None:
        world = World(gate(facts.AttorneyRetained(received_at=NOON - MINUTE)))
        world.learn(inbound(contact_point_id="cp_other"), NOON)
        assert world.objecting(email(act="reply")) == {"attorney-retained"}

    def test_answer_the_message_they_name(self) -> None:
        world = World(gate(facts.AttorneyRetained(received_at=NOON - MINUTE)))
        world.learn(inbound(), NOON)
        assert world.verdict(email(act="reply", in_reply_to="inb_1")) == "permit"
        assert world.verdict(email(act="reply", in_reply_to="inb_2")) == "deny"

    def test_need_a_message_not_too_old(self) -> None:
        world = World(gate(facts.AttorneyRetained(received_at=NOON - MINUTE)))
        world.learn(inbound(), NOON)
        reply = email(act="reply")
        assert world.verdict(reply, at=NOON + timedelta(days=30) - MINUTE) == "permit"
        assert world.verdict(reply, at=NOON + timedelta(days=30)) == "deny"


class TestMediumOptOut:
    def test_bars_the_medium_for_every_debt(self) -> None:
        world = World(gate(facts.OptOut(received_at=NOON, medium="email"), accounts=("a", "b")))
        for name in ("a", "b"):
            assert world.objecting(email(account_ids=(name,))) == {"opted-out-medium"}
        assert world.verdict(letter(account_ids=("a",))) == "permit"

    def test_of_calls_covers_voicemail(self) -> None:
        world = World(gate(facts.OptOut(received_at=NOON, medium="call")))
        assert world.objecting(request(channel="voicemail")) == {"opted-out-medium"}

    def test_yields_to_what_the_law_requires(self) -> None:
        world = World(gate(facts.OptOut(received_at=NOON, medium="letter")))
        assert world.verdict(letter(purpose="required_by_law")) == "permit"
        assert world.flags(letter(purpose="required_by_law")) == {"opted-out-medium"}

    def test_leaves_one_reply(self) -> None:
        world = World(gate(facts.OptOut(received_at=NOON - MINUTE, medium="email")))
        world.learn(inbound(), NOON)
        world.contact(email(act="reply"), at=NOON, outcome="email_sent")
        assert world.objecting(email(act="reply"), at=NOON) == {"opted-out-medium"}

    def test_naming_nothing_bars_everything(self) -> None:
        world = World(gate(facts.OptOut(received_at=NOON)))
        assert world.objecting(letter()) == {"opted-out-medium"}


class TestAddressOptOut:
    def test_bars_the_address_only(self) -> None:
        other = point("cp_phone_2", "phone")
        opt_out = facts.OptOut(received_at=NOON, contact_point_id="cp_phone")
        world = World(gate(other, opt_out))
        assert world.objecting() == {"opted-out-address"}
        assert world.verdict(request(contact_point_id="cp_phone_2")) == "permit"

    def test_goes_by_digest_too(self) -> None:
        opt_out = facts.OptOut(received_at=NOON, digest="digest-cp_phone")
        assert World(gate(opt_out)).objecting() == {"opted-out-address"}

    def test_may_be_for_one_medium_at_the_address(self) -> None:
        opt_out = facts.OptOut(received_at=NOON, contact_point_id="cp_phone", medium="text")
        world = World(gate(opt_out))
        assert world.objecting(text()) == {"opted-out-address"}
        assert world.verdict() == "permit"

    def test_binds_even_what_the_law_requires(self) -> None:
        opt_out = facts.OptOut(received_at=NOON, contact_point_id="cp_email")
        world = World(gate(opt_out))
        assert world.objecting(email(purpose="required_by_law")) == {"opted-out-address"}

    def test_leaves_one_bare_electronic_confirmation(self) -> None:
        opt_out = facts.OptOut(received_at=NOON, contact_point_id="cp_phone", medium="text")
        world = World(gate(opt_out))
        confirmation = text(act="opt_out_confirmation", purpose="opt_out_confirmation")
        assert world.objecting(text()) == {"opted-out-address"}
        world.contact(confirmation, at=NOON, outcome="text_sent")
        assert world.objecting(confirmation, at=NOON + MINUTE) == {"opted-out-address"}

    def test_has_no_confirmation_by_telephone(self) -> None:
        world = World(gate(facts.OptOut(received_at=NOON, medium="call")))
        assert world.objecting(request(act="opt_out_confirmation")) == {"opted-out-medium"}

    def test_of_another_gate_binds_here(self) -> None:
        bound = Circumstances(point_opt_outs=(PointOptOut(fact_key="fact_other"),))
        refused = World().ask(circumstances=bound)
        assert [each.rule for each in refused.objections] == ["opted-out-address"]

    def test_of_another_gate_has_no_confirmation_here(self) -> None:
        bound = Circumstances(point_opt_outs=(PointOptOut(fact_key="fact_other"),))
        refused = World().ask(email(act="opt_out_confirmation"), circumstances=bound)
        assert refused.verdict == "deny"

    def test_known_here_and_there_is_confirmed_once(self) -> None:
        world = World()
        opt_out = facts.OptOut(received_at=NOON, contact_point_id="cp_email")
        world.learn(opt_out, NOON, key="fact_same")
        bound = Circumstances(point_opt_outs=(PointOptOut(fact_key="fact_same"),))
        granted = world.ask(email(act="opt_out_confirmation"), circumstances=bound)
        assert granted.confirms == ("fact_same",)

    def test_for_another_medium_there_does_not_bind(self) -> None:
        bound = Circumstances(point_opt_outs=(PointOptOut(fact_key="f", medium="text"),))
        assert World().ask(circumstances=bound).flags == ()


class TestPlaces:
    def test_home_ties_letters_and_landlines(self) -> None:
        place = facts.InconvenientPlace(place="home", received_at=NOON)
        world = World(gate(place, point("cp_home", "phone", "landline")))
        assert world.objecting(letter()) == {"inconvenient-place"}
        assert world.objecting(request(contact_point_id="cp_home")) == {"inconvenient-place"}
        assert world.verdict() == "permit"
        assert world.verdict(email()) == "permit"

    def test_everything_is_tied_while_the_person_is_there(self) -> None:
        place = facts.InconvenientPlace(place="home", received_at=NOON, is_present=True)
        assert World(gate(place)).objecting(email()) == {"inconvenient-place"}

    def test_work_is_barred_when_the_employer_forbids(self) -> None:
        known = facts.EmployerProhibition(received_at=NOON)
        world = World(gate(known, point("cp_work", "phone", "work")))
        assert world.objecting(request(contact_point_id="cp_work")) == {"employer-prohibits"}
        assert world.verdict() == "permit"


class TestInconvenientTime:
    LUNCH = facts.WeeklyWindow(weekdays=(0, 1, 2, 3, 4), from_minute=720, until_minute=780)

    @pytest.mark.parametrize(
        ("at", "is_lawful"),
        [
            ("2026-06-10T11:59:00", True),
            ("2026-06-10T11:59:01", False),
            ("2026-06-10T12:59:59", False),
            ("2026-06-10T13:00:00", True),
            ("2026-06-13T12:30:00", True),
        ],
    )
    def test_is_half_open_for_the_whole_bound(self, at: str, is_lawful: bool) -> None:
        known = facts.InconvenientTime(windows=(self.LUNCH,), received_at=NOON)
        assert (World(gate(known)).verdict(at=local(at)) == "permit") == is_lawful

    def test_says_when_it_ends(self) -> None:
        weekend = facts.WeeklyWindow(weekdays=(5, 6))
        known = facts.InconvenientTime(windows=(weekend,), received_at=NOON)
        world = World(gate(known))
        assert world.earliest(at=local("2026-06-13T09:00")) == local("2026-06-15T08:00:01")

    def test_lasts_until_its_date(self) -> None:
        until = facts.WeeklyWindow(last_date=local("2026-12-31T12:00").date())
        known = facts.InconvenientTime(windows=(until,), received_at=NOON)
        assert World(gate(known)).earliest() == local("2027-01-01T08:00:01")

    def test_without_a_gap_never_ends(self) -> None:
        known = facts.InconvenientTime(windows=(facts.WeeklyWindow(),), received_at=NOON)
        world = World(gate(known))
        assert world.verdict() == "deny"
        assert world.earliest() is None

    def test_holds_in_every_plausible_zone(self) -> None:
        known = facts.InconvenientTime(windows=(self.LUNCH,), received_at=NOON)
        world = World(gate(known, zones=("America/New_York", "America/Chicago")))
        assert world.verdict(at=local("2026-06-10T13:30")) == "defer"
        assert world.earliest(at=local("2026-06-10T12:30")) == local("2026-06-10T14:00:00")

    def test_holds_in_the_zone_it_was_said_in(self) -> None:
        window = facts.WeeklyWindow(from_minute=720, until_minute=780, zone="America/Chicago")
        world = World(gate(facts.InconvenientTime(windows=(window,), received_at=NOON)))
        assert world.verdict(at=local("2026-06-10T12:30")) == "permit"
        assert world.verdict(at=local("2026-06-10T13:30")) == "defer"

    def test_leaves_one_reply_to_a_message_sent_within_it(self) -> None:
        known = facts.InconvenientTime(windows=(self.LUNCH,), received_at=NOON)
        world = World(gate(known))
        world.learn(inbound(), NOON + MINUTE)
        reply = email(act="reply")
        world.contact(reply, at=NOON + 2 * MINUTE, outcome="email_sent")
        assert world.objecting(reply, at=NOON + 3 * MINUTE) == {"inconvenient-time"}

    def test_leaves_no_reply_to_a_message_sent_before_it(self) -> None:
        known = facts.InconvenientTime(windows=(self.LUNCH,), received_at=NOON)
        world = World(gate(known))
        world.learn(inbound(received_at=NOON - MINUTE), NOON - MINUTE)
        assert world.objecting(email(act="reply")) == {"inconvenient-time"}

    def test_leaves_no_reply_outside_the_assumed_hours(self) -> None:
        at = local("2026-06-10T22:00")
        world = World()
        world.learn(inbound(received_at=at), at)
        assert world.objecting(email(act="reply"), at=at + MINUTE) == {"permitted-hours"}

    def test_leaves_the_portal_to_the_person_in_it(self) -> None:
        known = facts.InconvenientTime(windows=(self.LUNCH,), received_at=NOON)
        world = World(gate(known))
        world.learn(inbound("portal", received_at=NOON, until=NOON + 20 * MINUTE), NOON)
        shown = request(channel="portal", contact_point_id=None)
        assert world.verdict(shown, at=NOON + 19 * MINUTE) == "permit"
        assert world.objecting(shown, at=NOON + 20 * MINUTE) == {
            "portal-session",
            "inconvenient-time",
        }
