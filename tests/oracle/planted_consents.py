"""Faults of contacts that consent, or a judgment, would have allowed had there been one."""

from datetime import timedelta
from typing import Any

from tests.oracle.acts import call
from tests.oracle.history import Debtor, Log

_LATE = {"from_minute": 21 * 60, "until_minute": 22 * 60}


def stranger_told(log: Log) -> None:
    debtor = Debtor(log)
    _call_another(debtor)


def told_to_another_friend(log: Log) -> None:
    debtor = Debtor(log)
    friend, _ = debtor.know_party("third_party")
    debtor.consent_to(third_parties=[friend])
    _call_another(debtor)


def told_by_consent_of_who_is_told(log: Log) -> None:
    debtor = Debtor(log)
    friend, by_phone = debtor.know_party("third_party")
    debtor.consent_to(third_parties=[friend], party_id=friend)
    call(debtor, party_id=friend, contact_point_id=by_phone)


def told_by_consent_to_the_creditor(log: Log) -> None:
    debtor = Debtor(log)
    friend, by_phone = debtor.know_party("third_party")
    debtor.consent_to(third_parties=[friend], given_to="creditor")
    call(debtor, party_id=friend, contact_point_id=by_phone)


def garnished_without_judgment(log: Log) -> None:
    debtor = Debtor(log)
    debtor.file("debt-history", account_id=debtor.account, contract="written")
    _call_another(debtor, purpose="postjudgment_judicial_remedy")


def demanded_of_others_after_judgment(log: Log) -> None:
    debtor = Debtor(log)
    debtor.file("debt-history", account_id=debtor.account, contract="judgment")
    _call_another(debtor)


def later_than_welcome(log: Log) -> None:
    debtor = Debtor(log)
    debtor.consent_to("time", windows=[_LATE])
    log.at(40, 21, 30)
    call(debtor)
    log.now += timedelta(days=1, minutes=45)
    call(debtor)


def welcome_by_the_creditors_word(log: Log) -> None:
    debtor = Debtor(log)
    debtor.consent_to("time", windows=[_LATE], given_to="creditor")
    log.at(40, 21, 30)
    call(debtor)


def _call_another(debtor: Debtor, **changes: Any) -> None:
    party, by_phone = debtor.know_party("third_party")
    call(debtor, party_id=party, contact_point_id=by_phone, **changes)
