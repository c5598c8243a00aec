"""Where the law draws a line, the oracle draws it at the same instant."""

import pytest

from tests.oracle import Report, examine_events
from tests.oracle.acts import CHECKED, Contact, call, check_content, email
from tests.oracle.history import Debtor, Log, text


def report_of(log: Log) -> Report:
    return examine_events(log.events)


class TestPermittedHours:
    @pytest.mark.parametrize(
        ("hour", "minute", "second", "codes"),
        [
            (8, 0, 0, set()),  # the builder's clock ticks before it writes: 08:00:00.001
            (7, 59, 59, {"outside-permitted-hours"}),
            (20, 58, 59, set()),
            (20, 59, 1, {"outside-permitted-hours"}),  # a call may begin 60 s after the redeem
        ],
    )
    def test_of_a_call(self, hour: int, minute: int, second: int, codes: set[str]) -> None:
        log = Log()
        debtor = Debtor(log)
        log.at(1, hour, minute, second)
        call(debtor)
        assert report_of(log).codes == codes

    @pytest.mark.parametrize(("second", "codes"), [(49, set()), (51, {"outside-permitted-hours"})])
    def test_of_an_email(self, second: int, codes: set[str]) -> None:
        log = Log()
        debtor = Debtor(log)
        log.at(1, 20, 59, second)
        email(debtor)
        assert report_of(log).codes == codes


class TestNewYorkCity:
    @pytest.mark.parametrize(
        ("last_day", "codes"), [(91, set()), (92, {"contacts-beyond-state-law"})]
    )
    def test_counts_from_the_day_of_its_law(self, last_day: int, codes: set[str]) -> None:
        log = Log()
        debtor = Debtor(log)
        debtor.live_in("NY", "NYC")
        for day in (88, 89, 90, last_day):
            log.at(day, 12)
            call(debtor)
        assert report_of(log).codes == codes

    def test_lets_through_what_the_law_requires(self) -> None:
        log = Log()
        debtor = Debtor(log)
        debtor.live_in("NY", "NYC")
        for day in range(92, 96):
            log.at(day, 12)
            call(debtor, purpose="required_by_law")
        assert report_of(log).codes == set()


class TestCallFrequency:
    def test_forgets_a_call_on_the_eighth_date_however_late(self) -> None:
        log = Log()
        debtor = Debtor(log)
        log.at(1, 20)
        for _ in range(7):
            call(debtor)
        log.at(8, 9)  # 157 hours later, but the eighth date
        call(debtor)
        assert report_of(log).codes == set()

    def test_counts_the_dates_of_the_person_and_not_those_of_utc(self) -> None:
        log = Log()
        debtor = Debtor(log)
        log.at(1, 20, 30)  # the next day in UTC
        for _ in range(7):
            call(debtor)
        log.at(7, 20, 30)
        call(debtor)
        assert report_of(log).codes == {"eighth-call"}

    def test_stands_by_what_was_known_before_a_number_turned_out_wrong(self) -> None:
        log = Log()
        debtor = Debtor(log)
        debtor.state_zone("America/New_York")
        other = log.new("cp")
        log.at(1, 9)
        for _ in range(7):
            call(debtor)
        debtor.disown_phone()
        debtor.record_phone(other)
        call(debtor, contact_point_id=other)
        assert report_of(log).codes == set()

    def test_counts_a_call_toward_the_debts_that_were_raised(self) -> None:
        log = Log()
        debtor = Debtor(log)
        log.at(1, 9)
        for _ in range(8):
            contact = Contact(debtor).grant().start().redeem()
            contact.conclude("voicemail_left", raised=["acct_elsewhere"])
        assert report_of(log).codes == set()

    @pytest.mark.parametrize("is_brought_up", [True, False])
    def test_counts_a_conversation_toward_what_was_brought_up(self, is_brought_up: bool) -> None:
        log = Log()
        debtor = Debtor(log)
        log.at(1, 9)
        contact = Contact(debtor).grant().start().redeem()
        brought_up = debtor.account if is_brought_up else "acct_elsewhere"
        contact.conclude(
            "right_party_contact", lasted_s=60, raised=[brought_up], discussed=["acct_elsewhere"]
        )
        log.at(2, 9)
        call(debtor)
        expected = {"call-soon-after-conversation"} if is_brought_up else set()
        assert report_of(log).codes == expected

    def test_counts_over_the_gates_of_several_consumers(self) -> None:
        log = Log()
        first, second = Debtor(log), Debtor(log)
        for debtor in (first, second):
            who = {"party_id": "cns_third", "role": "co_debtor", "account_ids": []}
            log.fact(debtor.consumer, "party", debtor.stream, "party-known", who)
            debtor.record_phone(f"{debtor.phone}b", party="cns_third")
            debtor.learn_account(first.account, first.stream)
        log.at(1, 9)
        for debtor in (first, second):
            for _ in range(4):
                call(
                    debtor,
                    party_id="cns_third",
                    account_ids=[first.account],
                    contact_point_id=f"{debtor.phone}b",
                )
        assert report_of(log).codes == {"eighth-call-over-gates"}


class TestConversations:
    @pytest.mark.parametrize(("day", "codes"), [(7, {"call-soon-after-conversation"}), (8, set())])
    def test_the_date_of_the_conversation_is_day_one(self, day: int, codes: set[str]) -> None:
        log = Log()
        debtor = Debtor(log)
        log.at(1, 9)
        call(debtor, "right_party_refused", lasted_s=120)
        log.at(day, 9)
        call(debtor)
        assert report_of(log).codes == codes

    def test_an_inbound_conversation_counts_too(self) -> None:
        log = Log()
        debtor = Debtor(log)
        now = text(log.now)
        talk = {"started_at": now, "ended_at": now, "is_conversation": True, "account_ids": []}
        log.fact(debtor.consumer, "inb", debtor.profile, "inbound-call", talk)
        log.at(3, 9)
        call(debtor)
        assert report_of(log).codes == {"call-soon-after-conversation"}

    def test_consent_lifts_it_until_the_next_conversation(self) -> None:
        log = Log()
        debtor = Debtor(log)
        log.at(1, 9)
        call(debtor, "right_party_contact", lasted_s=120)
        debtor.allow_extra_calls()
        log.at(2, 9)
        call(debtor, "right_party_contact", lasted_s=120)
        assert report_of(log).codes == set()
        log.at(3, 9)
        call(debtor)
        assert report_of(log).codes == {"call-soon-after-conversation"}


class TestJointDebts:
    @pytest.mark.parametrize(
        ("of_that_debt", "is_heard", "is_released", "codes"),
        [
            (True, False, False, {"debt-fact-not-shared"}),
            (False, False, False, set()),
            (True, True, False, set()),
            (True, False, True, set()),
        ],
    )
    def test_what_one_says_of_a_debt_reaches_who_owes_it_too(
        self, of_that_debt: bool, is_heard: bool, is_released: bool, codes: set[str]
    ) -> None:
        log = Log()
        debtor, other = Debtor(log), Debtor(log)
        account = debtor.owe_together(other)
        key = debtor.go_bankrupt(account if of_that_debt else debtor.account)
        case = {"learned_at": text(log.now), "chapter": 13, "party_id": debtor.consumer}
        if is_heard:
            log.fact(other.consumer, f"{key}-{account}", debtor.profile, "bankruptcy", case)
        if is_released:
            released = {"fact_id": key, "released_by": "user:1", "reason": "superseded"}
            body = {"consumer_ids": [debtor.consumer], **released}
            log.emit("contact", debtor.profile, "protective-fact-released", body)
            log.release(debtor.consumer, key, debtor.profile)
        log.at(1, 9)
        Debtor(log)
        assert report_of(log).codes == codes


class TestStops:
    def test_names_a_contact_after_a_stop_the_gate_never_heard(self) -> None:
        log = Log()
        debtor = Debtor(log)
        said = {"fact_id": "fact_x", "account_ids": [], "in_writing": True, "medium": "email"}
        heard = {"consumer_ids": [debtor.consumer], "received_at": text(log.now)}
        log.emit("contact", debtor.profile, "cease-requested", {**heard, **said})
        log.at(1, 9)
        email(debtor)
        assert report_of(log).codes == {"stop-not-heard", "contact-after-cease"}

    def test_allows_what_was_redeemed_before_a_stop_could_be_heard(self) -> None:
        log = Log()
        debtor = Debtor(log)
        contact = Contact(debtor, "email").grant().start()
        key = "fact_x"
        said = {"fact_id": key, "account_ids": [], "in_writing": True, "medium": "email"}
        heard = {"consumer_ids": [debtor.consumer], "received_at": text(log.now)}
        log.emit("contact", debtor.profile, "cease-requested", {**heard, **said})
        contact.redeem().conclude("email_sent")
        log.fact(debtor.consumer, key, debtor.profile, "cease-notice", {**heard, **said})
        assert report_of(log).codes == set()

    def test_allows_contact_again_after_a_release(self) -> None:
        log = Log()
        debtor = Debtor(log)
        key = debtor.cease()
        released = {"fact_id": key, "released_by": "user:1", "reason": "consumer_request"}
        consumers = {"consumer_ids": [debtor.consumer]}
        log.emit("contact", debtor.profile, "protective-fact-released", {**consumers, **released})
        log.release(debtor.consumer, key, debtor.profile)
        email(debtor)
        assert report_of(log).codes == set()


class TestCheckedContent:
    def test_is_lawful_where_found_unlawful_for_another_channel_alone(self) -> None:
        log = Log()
        debtor = Debtor(log)
        log.at(1, 12)
        check_content(log, "text", "opt-out-statement")
        check_content(log, "email")
        email(debtor, content_digest=CHECKED)
        assert report_of(log).codes == set()

    def test_is_lawful_again_once_found_so_for_its_channel(self) -> None:
        log = Log()
        debtor = Debtor(log)
        log.at(1, 12)
        check_content(log, "email", "opt-out-statement")
        check_content(log, "email")
        email(debtor, content_digest=CHECKED)
        assert report_of(log).codes == set()

    def test_is_unlawful_by_a_check_of_a_channel_that_nothing_is_redeemed_for(self) -> None:
        log = Log()
        debtor = Debtor(log)
        log.at(1, 12)
        check_content(log, "other_electronic", "forbidden-wording")
        check_content(log, "email")
        email(debtor, content_digest=CHECKED)
        assert report_of(log).codes == {"content-found-unlawful"}
