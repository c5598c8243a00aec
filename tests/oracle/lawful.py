"""A clean history: weeks of lawful collection, every exception of the law made use of."""

from tests.oracle.acts import (
    Contact,
    Quarrel,
    agree_plan,
    call,
    email,
    in_plan,
    leave,
    pay,
    pay_instalment,
    reverse,
)
from tests.oracle.history import Debtor, Log, usd


def clean() -> Log:
    """Return it; it ends long enough after the last act for everything to have arrived."""
    log = Log()
    _calls_at_the_limit(Debtor(log))
    _lawful_exceptions(Debtor(log))
    _disputed(Debtor(log))
    _one_plan_after_another(Debtor(log))
    _paid_off(Debtor(log))
    return log


def _calls_at_the_limit(debtor: Debtor) -> None:
    log = debtor.log
    for day in range(7):
        log.at(day, 12)
        call(debtor, "busy")  # not connected, so not counted
        call(debtor)
    log.at(7, 12)
    call(debtor)  # the first of the seven has left the window
    log.at(8, 20, 30)
    Contact(debtor).grant()  # never used
    log.at(8, 20, 58)
    call(debtor, "right_party_contact", lasted_s=600)
    log.at(9, 12)
    debtor.allow_extra_calls()
    call(debtor, "right_party_callback_requested", lasted_s=60)  # with consent, which ends here
    log.at(16, 9)
    call(debtor)  # seven dates after that conversation
    log.at(17, 12)
    debtor.disown_phone()


def _lawful_exceptions(debtor: Debtor) -> None:
    log = debtor.log
    log.at(18, 10)
    email(debtor)
    debtor.retain_attorney()
    message = debtor.write()
    email(debtor, act="reply", in_reply_to=message)
    unsubscribed = Debtor(log)
    stop = unsubscribed.opt_out_of(point=unsubscribed.email)
    confirmation = Contact(unsubscribed, "email", act="opt_out_confirmation")
    confirmation.grant(confirms=[stop]).start().redeem(confirms=[stop]).conclude("email_sent")
    consenting = Debtor(log)
    consenting.retain_attorney()
    consenting.consent_to("attorney")
    email(consenting)
    other = Debtor(log)
    log.at(19, 10)
    other.cease()
    email(other, purpose="notice_of_termination_of_efforts")
    _told_to_others(Debtor(log))
    _welcome_late(Debtor(log))


def _told_to_others(debtor: Debtor) -> None:
    friend, by_phone = debtor.know_party("third_party")
    debtor.consent_to(third_parties=[friend])
    call(debtor, party_id=friend, contact_point_id=by_phone)
    employer, by_phone = debtor.know_party("third_party")
    debtor.file("debt-history", account_id=debtor.account, contract="judgment")
    call(
        debtor,
        party_id=employer,
        contact_point_id=by_phone,
        purpose="postjudgment_judicial_remedy",
    )


def _welcome_late(debtor: Debtor) -> None:
    late = {"from_minute": 21 * 60, "until_minute": 22 * 60}
    debtor.consent_to("time", windows=[late])
    debtor.log.at(19, 21, 30)
    call(debtor)


def _disputed(debtor: Debtor) -> None:
    debtor.log.at(20, 10)
    email(debtor)
    quarrel = Quarrel(debtor)
    email(debtor, purpose="dispute_verification")
    quarrel.answer()
    quarrel.resolve("denied")
    email(debtor)


def _one_plan_after_another(debtor: Debtor) -> None:
    debtor.log.at(21, 9)
    first = agree_plan(debtor, [20_00])
    pay_instalment(debtor, first, 1, 20_00)
    in_plan(debtor, first, "plan-completed")
    second = agree_plan(debtor, [30_00])
    in_plan(debtor, second, "plan-cancelled", reason="account_recalled", unpaid=[])
    leave(debtor, "recalled")


def _paid_off(debtor: Debtor) -> None:
    log = debtor.log
    log.at(21, 10)
    bounced = pay(debtor, 80_00, external_ref="ach-1")
    log.at(22, 10)
    reverse(debtor, bounced)
    plan = agree_plan(debtor, [40_00, 60_00])
    pay_instalment(debtor, plan, 1, 40_00)
    log.at(36, 15)
    in_plan(
        debtor,
        plan,
        "instalment-fell-due",
        number=2,
        due_date="2026-07-07",
        amount=usd(60_00),
        outstanding=usd(60_00),
    )
    pay_instalment(debtor, plan, 2, 60_00)
    in_plan(debtor, plan, "plan-completed")
    closed = {
        "account_id": debtor.account,
        "consumer_ids": [debtor.consumer],
        "reason": "paid_in_full",
        "remainder": {},
        "balance": usd(0),
    }
    log.emit("ledger", debtor.stream, "account-closed", closed)
    debtor.standing("closed", owes=False)
    log.at(39, 12)  # long after, so that everything must have arrived
