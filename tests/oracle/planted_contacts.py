"""Faults in contacting people, each planted with someone new."""

from datetime import timedelta

from tests.oracle.acts import Contact, Quarrel, call, email, leave
from tests.oracle.history import Debtor, Log, text


def eighth_call(log: Log) -> None:
    debtor = Debtor(log)
    for hour in range(12, 20):
        log.at(40, hour)
        call(debtor)


def eighth_call_at_midnight(log: Log) -> None:
    """Seven calls on seven dates, and an eighth 168 hours after the first, less a minute."""
    debtor = Debtor(log)
    for day in range(40, 46):
        log.at(day, 12, 30)
        call(debtor)
    log.at(46, 9)
    call(debtor)
    log.at(46, 12, 29)
    call(debtor)


def after_hours(log: Log) -> None:
    debtor = Debtor(log)
    log.at(40, 20, 59)
    contact = Contact(debtor).grant().start()
    log.at(40, 21, 1)
    contact.redeem().conclude("no_answer")


def before_hours_elsewhere(log: Log) -> None:
    """Nine in New York, but the person may be in Los Angeles."""
    debtor = Debtor(log)
    debtor.state_zone("America/Los_Angeles")
    log.at(40, 9)
    call(debtor)


def after_conversation(log: Log) -> None:
    debtor = Debtor(log)
    log.at(40, 9)
    call(debtor, "right_party_contact", lasted_s=60)
    log.at(46, 20)
    call(debtor)


def after_unknown(log: Log) -> None:
    debtor = Debtor(log)
    log.at(40, 9)
    Contact(debtor).grant().start().redeem()
    log.at(42, 9)
    call(debtor)


def after_cease(log: Log) -> None:
    debtor = Debtor(log)
    contact = Contact(debtor, "email").grant().start()
    debtor.cease()
    contact.redeem().conclude("email_sent")


def after_unheard_cease(log: Log) -> None:
    """Contact hears it, and no gate ever does."""
    debtor = Debtor(log)
    body = {
        "consumer_ids": [debtor.consumer],
        "fact_id": "fact_x",
        "account_ids": [],
        "in_writing": True,
        "medium": "letter",
        "received_at": text(log.now),
    }
    log.emit("contact", debtor.profile, "cease-requested", body)
    log.now += timedelta(minutes=2)
    Debtor(log)


def after_attorney(log: Log) -> None:
    debtor = Debtor(log)
    debtor.retain_attorney()
    call(debtor)


def after_attorney_with_bad_consent(log: Log) -> None:
    """Consent that was given in a conversation that was unlawful itself lifts nothing."""
    debtor = Debtor(log)
    debtor.retain_attorney()
    debtor.consent_to("attorney", is_lawfully_given=False)
    call(debtor)


def replied_twice(log: Log) -> None:
    debtor = Debtor(log)
    message = debtor.write()
    email(debtor, act="reply", in_reply_to=message)
    email(debtor, act="reply", in_reply_to=message)


def opted_out_medium(log: Log) -> None:
    debtor = Debtor(log)
    debtor.opt_out_of(medium="call")
    call(debtor)


def oral_stop(log: Log) -> None:
    debtor = Debtor(log)
    debtor.state("cease-requested", "oral-stop", in_writing=False, account_ids=[])
    call(debtor)


def opted_number(log: Log) -> None:
    debtor = Debtor(log)
    debtor.opt_out_of(point=debtor.phone)
    call(debtor)


def opted_out_elsewhere(log: Log) -> None:
    """Another consumer had the number opted out; it binds the number, whoever has it."""
    debtor = Debtor(log)
    opted = {"fact_key": "fact_y", "source_stream": "contact-cns_x", "source_version": 1}
    body = {"consumer_ids": ["cns_x"], "medium": None, **opted}
    log.emit("compliance", f"point-digest-of-{debtor.phone}", "point-opted-out", body)
    call(debtor)


def during_dispute(log: Log) -> None:
    debtor = Debtor(log)
    Quarrel(debtor)
    call(debtor)


def unheard_dispute(log: Log) -> None:
    contact = Contact(Debtor(log)).grant().start().redeem()
    contact.conclude("right_party_dispute", dispute_id=log.new("dsp"))
    log.now += timedelta(hours=1)
    call(Debtor(log))


def on_recalled(log: Log) -> None:
    debtor = Debtor(log)
    leave(debtor, "recalled")
    call(debtor)


def on_closed(log: Log) -> None:
    debtor = Debtor(log)
    leave(debtor, "closed")
    email(debtor)


def wrong_number(log: Log) -> None:
    debtor = Debtor(log)
    debtor.state_zone("America/New_York")
    debtor.disown_phone()
    call(debtor)


def without_permit(log: Log) -> None:
    contact = Contact(Debtor(log))
    contact.in_attempt("attempt-permitted", {**contact.request, "agent": "user:1"})
    contact.start()


def unpermitted(log: Log) -> None:
    contact = Contact(Debtor(log))
    body = {
        "consumer_ids": [contact.debtor.consumer],
        "attempt_id": contact.attempt,
        "request": contact.request,
        "outcome": "no_answer",
        "started_at": text(log.now),
        "ended_at": text(log.now),
    }
    gate = f"gate-{contact.debtor.consumer}"
    log.emit("compliance", gate, "unpermitted-attempt-reported", body)


def granted_to_canary(log: Log) -> None:
    """A permit for a synthetic consumer, whose made-up call is nobody's fault."""
    consumer = "cns_0000canary0000000000000001"
    request = {
        "consumer_id": consumer,
        "account_ids": ["acct_0000canary0000000000000001"],
        "party_id": consumer,
        "channel": "call",
        "contact_point_id": "cp_0000canary0000000000000001",
        "purpose": "payment_demand",
        "content_digest": "",
    }
    body = {"consumer_ids": [consumer], "request": request}
    at = text(log.now)
    made_up = {**body, "outcome": "no_answer", "started_at": at, "ended_at": at}
    gate = f"gate-{consumer}"
    log.emit(
        "compliance",
        gate,
        "unpermitted-attempt-reported",
        {**made_up, "attempt_id": log.new("att")},
    )
    granted = {**body, "permit_id": log.new("prm"), "expires_at": text(log.now), "answers": None}
    log.emit("compliance", gate, "permit-granted", {**granted, "confirms": []})


def redeemed_twice(log: Log) -> None:
    contact = Contact(Debtor(log), "email").grant().start().redeem()
    contact.redeem().conclude("email_sent")


def expired(log: Log) -> None:
    contact = Contact(Debtor(log), "email").grant().start()
    log.now += timedelta(minutes=6)
    contact.redeem().conclude("email_sent")


def mismatch(log: Log) -> None:
    contact = Contact(Debtor(log), "email").grant().start()
    request = {**contact.request, "content_digest": "another"}
    contact.redeem(request=request).conclude("email_sent")


def late_start(log: Log) -> None:
    contact = Contact(Debtor(log)).grant().start().redeem()
    contact.conclude("no_answer", began=contact.redeemed_at + timedelta(minutes=3))


def no_consent(log: Log) -> None:
    debtor = Debtor(log)
    debtor.withdraw()
    email(debtor)


def email_seen_by_others(log: Log) -> None:
    debtor = Debtor(log)
    debtor.email_seen()
    email(debtor)


def dispatched_twice(log: Log) -> None:
    contact = Contact(Debtor(log), "email").grant().start().redeem()
    contact.start().conclude("email_sent")


def unreported(log: Log) -> None:
    contact = Contact(Debtor(log)).grant().start().redeem()
    concluded = {"outcome": "right_party_contact", "channel": "call", "report_id": "r"}
    contact.in_attempt("attempt-concluded", concluded)
    log.at(45, 12)
    Debtor(log)


def creditor_hold(debtor: Debtor) -> dict[str, object]:
    """Return a hold for no reason of the law."""
    return {
        "account_id": debtor.account,
        "consumer_ids": [debtor.consumer],
        "hold_id": "hold_z",
        "reason": "creditor_pause",
        "source": "creditor",
        "source_id": "crd_1",
    }


def during_hold(log: Log) -> None:
    debtor = Debtor(log)
    log.emit("ledger", debtor.stream, "hold-placed", creditor_hold(debtor))
    log.fact(debtor.consumer, "hold-hold_z", debtor.stream, "account-hold", creditor_hold(debtor))
    call(debtor)


def stale(log: Log) -> None:
    contact = Contact(Debtor(log), "email").grant().start()
    around = {"stale": ["ledger"], "parked": [], "unapplied": [], "point_opt_outs": []}
    contact.redeem(circumstances=around).conclude("email_sent")


def second_call_on_review(log: Log) -> None:
    """Somebody approved one call beyond the seven; two are made."""
    debtor = Debtor(log)
    log.at(40, 10)
    for _ in range(7):
        call(debtor)
    debtor.file(
        "call-review",
        factor="requested_information",
        decision="approved",
        reviewer_id="user:2",
        reviewed_at=text(log.now),
        expires_at=text(log.now + timedelta(days=1)),
        account_ids=[debtor.account],
    )
    log.now += timedelta(minutes=1)
    for _ in range(2):
        call(debtor, purpose="requested_information")
