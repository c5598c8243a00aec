"""Faults against the laws of states, against protected persons, and in the agency's records."""

import json
from datetime import timedelta
from typing import Any

from tests.oracle.acts import CHECKED, Contact, call, check_content, email
from tests.oracle.history import Debtor, Log, text


def fifth_call_in_district(log: Log) -> None:
    debtor = _in(log, "DC")
    for day in range(40, 45):
        log.at(day, 12)
        call(debtor)


def third_call_in_massachusetts(log: Log) -> None:
    debtor = _in(log, "MA")
    for hour in (10, 12, 14):
        log.at(40, hour)
        call(debtor)


def second_conversation_in_pennsylvania(log: Log) -> None:
    """Lifted for federal law by the person's consent, which Pennsylvania does not know."""
    debtor = _in(log, "PA")
    log.at(40, 10)
    call(debtor, "right_party_contact", lasted_s=60)
    debtor.allow_extra_calls()
    log.at(41, 10)
    call(debtor)


def fourth_letter_in_washington(log: Log) -> None:
    debtor = _in(log, "WA")
    for day in range(40, 44):
        log.at(day, 12)
        email(debtor)


def fourth_call_in_new_york_city(log: Log) -> None:
    debtor = _in(log, "NY", "NYC")
    for day in range(89, 93):  # the last on the day from which the city counts
        log.at(day, 12)
        call(debtor)


def text_in_new_york_city(log: Log) -> None:
    """The consent opens the way by federal law alone: it is the person's to the creditor."""
    debtor = _in(log, "NY", "NYC")
    log.at(92, 12)
    given = text(log.now - timedelta(days=9))
    same = {"medium": "text", "procedure": "consumer_used", "contact_point_id": debtor.phone}
    debtor.file("message-consent", given_at=given, **same)
    Contact(debtor, "text", contact_point_id=debtor.phone).make("text_delivered")


def time_barred_in_new_york_city(log: Log) -> None:
    debtor = _in(log, "NY", "NYC")
    debtor.file("limitation-period", account_id=debtor.account, barred_from="2026-01-01")
    log.at(92, 12)
    email(debtor, disclosures=["ny_time_barred"])


def email_in_new_york(log: Log) -> None:
    debtor = _in(log, "NY")
    debtor.withdraw()
    debtor.write()
    log.at(40, 12)
    email(debtor)


def time_barred_in_texas(log: Log) -> None:
    debtor = _in(log, "TX")
    log.at(40, 12)
    barred = {"account_id": debtor.account, "barred_from": "2026-01-01"}
    debtor.file("limitation-period", **barred)
    email(debtor)


def first_letter_to_california(log: Log) -> None:
    debtor = _in(log, "CA")
    known = {"account_id": debtor.account, "product_type": "credit_card", "debt_key": None}
    debtor.file("account-known", **known, placed_at=text(log.now))
    log.at(40, 12)
    address = log.new("cp")
    debtor.record_address(address)
    Contact(debtor, "letter", contact_point_id=address).make("letter_sent")


def extinguished_in_mississippi(log: Log) -> None:
    debtor = _in(log, "MS")
    debtor.file("debt-history", account_id=debtor.account, defaulted_on="2020-01-01")
    log.at(40, 12)
    call(debtor)


def unsubstantiated_in_new_york(log: Log) -> None:
    debtor = _in(log, "NY")
    asked = {"account_id": debtor.account, "received_at": text(log.now)}
    debtor.file("substantiation-request", **asked)
    call(debtor)


def undisclosed_in_new_york(log: Log) -> None:
    debtor = _in(log, "NY")
    first = {"account_id": debtor.account, "at": text(log.now), "holds_validation": True}
    debtor.file("initial-communication", **first)
    log.now += timedelta(days=7)
    call(debtor)


def medical_in_nevada(log: Log) -> None:
    debtor = _in(log, "NV")
    known = {"account_id": debtor.account, "product_type": "medical", "debt_key": None}
    debtor.file("account-known", **known)
    call(debtor)


def deceased(log: Log) -> None:
    debtor = _in(log, "IL")
    debtor.file("consumer-status", status="deceased", learned_at=text(log.now))
    call(debtor)


def bankrupt(log: Log) -> None:
    debtor = _in(log, "IL")
    debtor.file("bankruptcy", learned_at=text(log.now), chapter=7, filed_on="2026-06-01")
    call(debtor)


def discharged(log: Log) -> None:
    debtor = _in(log, "IL")
    debtor.file("bankruptcy", learned_at=text(log.now), chapter=7, discharged_on="2026-06-01")
    call(debtor)


def codebtor_of_bankrupt(log: Log) -> None:
    debtor = _in(log, "IL")
    party, point = debtor.know_party("co_debtor")
    debtor.file("bankruptcy", learned_at=text(log.now), chapter=13, filed_on="2026-06-01")
    call(debtor, party_id=party, contact_point_id=point)


def petition_unknown_to_who_owes_it_too(log: Log) -> None:
    debtor, other = _in(log, "IL"), _in(log, "IL")
    debtor.owe_together(other)
    debtor.go_bankrupt()
    log.now += timedelta(minutes=2)
    Debtor(log)


def neighbor_asked_twice(log: Log) -> None:
    debtor = _in(log, "IL")
    party, point = debtor.know_party("third_party")
    for _ in range(2):
        _ask(debtor, party, point)


def neighbor_told_of_debt(log: Log) -> None:
    debtor = _in(log, "IL")
    party, point = debtor.know_party("third_party")
    _ask(debtor, party, point, says=["debt_owed"])


def estate_of_the_living(log: Log) -> None:
    debtor = _in(log, "IL")
    party, point = debtor.know_party("third_party")
    _ask(debtor, party, point, purpose="estate_representative_information")


def notice_overdue(log: Log) -> None:
    debtor = _in(log, "IL")
    first = {"account_id": debtor.account, "at": text(log.now), "is_oral": True}
    debtor.file("initial-communication", **first)
    log.now += timedelta(days=7)
    call(debtor)


def portal_after_session(log: Log) -> None:
    debtor = _in(log, "IL")
    until = log.now + timedelta(minutes=5)
    came = {"message_id": "inb_p", "channel": "portal", "received_at": text(log.now)}
    debtor.file("inbound-message", until=text(until), **came)
    log.now = until
    Contact(debtor, "portal", contact_point_id=None).make("email_opened")


def machine_without_consent(log: Log) -> None:
    """One consent has expired, one is for another account."""
    debtor = _in(log, "IL")
    given = text(log.now - timedelta(days=9))
    yesterday = (log.now - timedelta(days=1)).date().isoformat()
    debtor.file("automated-consent", given_at=given, expires_on=yesterday)
    debtor.file("automated-consent", given_at=given, account_ids=["acct_another"])
    call(debtor, technology="autodialed")


def machine_after_revocation(log: Log) -> None:
    """The consent that was taken back was for one number; another is for all, and older."""
    debtor = _in(log, "IL")
    given = text(log.now - timedelta(days=9))
    debtor.file("automated-consent", given_at=given, withdrawn_at=text(log.now))
    debtor.file("automated-consent", given_at=given)
    call(debtor, technology="prerecorded")


def machine_to_reassigned_number(log: Log) -> None:
    debtor = _in(log, "IL")
    debtor.file("automated-consent", given_at=text(log.now))
    debtor.file(
        "reassignment-check",
        contact_point_id=debtor.phone,
        checked_at=text(log.now),
        answer="yes",
        consent_on="2026-06-01",
    )
    call(debtor, technology="autodialed")


def fourth_recording(log: Log) -> None:
    debtor = _in(log, "IL")
    home = log.new("cp")
    known = {"contact_point_id": home, "point_kind": "phone", "label": "home", "digest": "d"}
    debtor.file("contact-point-known", zones=["America/New_York"], states=["IL"], **known)
    for day in (40, 48, 56, 64):
        log.at(day, 12)
        call(debtor, contact_point_id=home, technology="prerecorded")


def without_licence(log: Log) -> None:
    _license(log, "NY")
    debtor = _in(log, "IL")
    _license(log, "IL")
    call(debtor)
    ended = {"authority": "IL", "reason": "surrendered"}
    log.emit("compliance", "licences-agency", "licence-ended", ended)
    call(debtor)


def unlawful_content(log: Log) -> None:
    debtor = Debtor(log)
    check_content(log, "email", "forbidden-wording")
    email(debtor, content_digest=CHECKED)


def social_message_unchecked(log: Log) -> None:
    debtor = Debtor(log)
    _private(debtor)


def social_message_checked_as_email(log: Log) -> None:
    debtor = Debtor(log)
    check_content(log, "email")
    check_content(log, "social", is_from_collector=False)
    _private(debtor)


def visit_after_oral_stop(log: Log) -> None:
    debtor = _in(log, "IL")
    debtor.file("oral-stop", received_at=text(log.now))
    _visit(debtor)


def visits_in_massachusetts(log: Log) -> None:
    debtor = _in(log, "MA")
    _visit(debtor)
    log.now += timedelta(days=20)
    _visit(debtor)


def content_washed_as_letter(log: Log) -> None:
    debtor = Debtor(log)
    check_content(log, "email", "opt-out-statement")
    check_content(log, "letter")
    email(debtor, content_digest=CHECKED)


def content_washed_by_another_sender(log: Log) -> None:
    debtor = Debtor(log)
    check_content(log, "email", "forbidden-wording")
    check_content(log, "email", is_from_collector=False)
    email(debtor, content_digest=CHECKED)


def content_washed_by_what_is_said_of_it(log: Log) -> None:
    debtor = Debtor(log)
    check_content(log, "email", "forbidden-wording", said="one thing")
    check_content(log, "email", said="another")
    email(debtor, content_digest=CHECKED)


def content_checked_for_another_channel_alone(log: Log) -> None:
    debtor = Debtor(log)
    check_content(log, "letter", "forbidden-wording")
    email(debtor, content_digest=CHECKED)


def without_licence_of_the_city(log: Log) -> None:
    _license(log, "NY")
    debtor = _in(log, "NY", "NYC")
    call(debtor)


def own_pack(log: Log) -> None:
    debtor = _in(log, "XX")
    counted = {"contacts_max": 1, "days": 2, "channels": ["call"], "per": ["person"]}
    _enforce(log, [{"rule": "contact-frequency", "parameters": counted}])
    call(debtor)
    log.now += timedelta(hours=1)
    call(debtor)


def own_hours(log: Log) -> None:
    debtor = _in(log, "XX")
    _enforce(
        log,
        [{"rule": "permitted-hours", "parameters": {"opens_minute": 600, "closes_minute": 700}}],
    )
    call(debtor)


def _private(debtor: Debtor) -> None:
    request = Contact(debtor, "social", contact_point_id=None, content_digest=CHECKED)
    request.make("social_sent")


def _visit(debtor: Debtor) -> None:
    address = debtor.log.new("cp")
    debtor.record_address(address)
    Contact(debtor, "in_person", contact_point_id=address).make("no_answer")


def _in(log: Log, state: str, *cities: str) -> Debtor:
    debtor = Debtor(log)
    debtor.live_in(state, *cities)
    return debtor


def _ask(debtor: Debtor, party: str, point: str, **changes: Any) -> None:
    aim = {"party_id": party, "contact_point_id": point, "purpose": "location_information"}
    call(debtor, "third_party_no_disclosure", **{**aim, **changes})


def _license(log: Log, authority: str) -> None:
    body = {"authority": authority, "number": "1", "expires_on": None}
    log.emit("compliance", "licences-agency", "licence-recorded", body)


def _enforce(log: Log, rules: list[dict[str, Any]]) -> None:
    document = json.dumps({"jurisdiction": "XX", "rules": rules})
    same = {"pack_id": "rpk_1"}
    log.emit("compliance", "rulepack-rpk_1", "rule-pack-drafted", {**same, "document": document})
    effective = {**same, "effective_at": text(log.now)}
    log.emit("compliance", "rulepack-rpk_1", "rule-pack-activated", effective)
