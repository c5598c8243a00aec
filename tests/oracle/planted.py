"""Faults to plant one by one into a clean history, and the code that must name each."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.oracle import planted_books as books
from tests.oracle import planted_contacts as contacts
from tests.oracle.history import Log


@dataclass(frozen=True)
class Fault:
    """A fault, and the one code that must name it."""

    code: str
    plant: Callable[[Log], None]


FAULTS: dict[str, Fault] = {
    "an eighth call in a day": Fault("eighth-call", contacts.eighth_call),
    "an eighth call on the seventh date": Fault("eighth-call", contacts.eighth_call_at_midnight),
    "granted at 20:59, redeemed at 21:01": Fault("outside-permitted-hours", contacts.after_hours),
    "six in Los Angeles": Fault("outside-permitted-hours", contacts.before_hours_elsewhere),
    "a call six days after a conversation": Fault(
        "call-soon-after-conversation", contacts.after_conversation
    ),
    "a call after one never reported": Fault("call-after-unknown-call", contacts.after_unknown),
    "contact after cease": Fault("contact-after-cease", contacts.after_cease),
    "contact after attorney": Fault("contact-after-attorney", contacts.after_attorney),
    "a second reply": Fault("replied-twice", contacts.replied_twice),
    "a call after the telephone was opted out": Fault(
        "contact-to-opted-out-medium", contacts.opted_out_medium
    ),
    "a call after an oral stop": Fault("contact-after-oral-stop", contacts.oral_stop),
    "contact to an opted-out number": Fault("contact-to-opted-out-address", contacts.opted_number),
    "a number another consumer opted out": Fault(
        "contact-to-opted-out-address", contacts.opted_out_elsewhere
    ),
    "contact during a dispute": Fault("contact-during-dispute", contacts.during_dispute),
    "a dispute that was stated and not opened": Fault(
        "stated-dispute-not-opened", contacts.unheard_dispute
    ),
    "contact during a creditor's pause": Fault("contact-during-hold", contacts.during_hold),
    "contact on a recalled account": Fault("contact-on-recalled-account", contacts.on_recalled),
    "contact on a closed account": Fault("contact-on-closed-account", contacts.on_closed),
    "contact to a wrong number": Fault("contact-to-wrong-number", contacts.wrong_number),
    "e-mail without consent": Fault("email-without-procedure", contacts.no_consent),
    "an e-mail that others are known to read": Fault(
        "email-without-procedure", contacts.email_seen_by_others
    ),
    "a dispatch without a permit": Fault("contact-without-permit", contacts.without_permit),
    "an attempt reported without a permit": Fault("contact-without-permit", contacts.unpermitted),
    "a permit for a canary": Fault("canary-granted", contacts.granted_to_canary),
    "a permit redeemed twice": Fault("permit-redeemed-twice", contacts.redeemed_twice),
    "a permit redeemed after it expired": Fault("permit-expired", contacts.expired),
    "other content than permitted": Fault("permit-mismatch", contacts.mismatch),
    "redeemed on stale facts": Fault("redeemed-on-stale-facts", contacts.stale),
    "a call longer after the redeem than allowed": Fault(
        "outcome-out-of-bounds", contacts.late_start
    ),
    "an attempt dispatched twice": Fault("dispatched-twice", contacts.dispatched_twice),
    "a conversation compliance never hears of": Fault("outcome-not-reported", contacts.unreported),
    "a stop that the gate never hears of": Fault("stop-not-heard", contacts.after_unheard_cease),
    "an unbalanced posting": Fault("unbalanced-posting", books.unbalanced),
    "a payment spread in the wrong order": Fault("allocation-incorrect", books.misallocated),
    "a balance off by a cent": Fault("balance-incorrect", books.wrong_balance),
    "a doubled payment": Fault("payment-doubled", books.doubled),
    "a payment doubled under another id": Fault("payment-doubled", books.doubled_by_reference),
    "a reversal unlike its payment": Fault("reversal-not-mirroring", books.unlike_reversal),
    "a payment reversed twice": Fault("payment-reversed-twice", books.reversed_twice),
    "a plan that does not add up": Fault("plan-incorrect", books.plan_sum),
    "an instalment said to be paid": Fault("instalment-incorrect", books.instalment_not_paid),
    "a plan's payment from nowhere": Fault("plan-payment-unknown", books.plan_payment_from_nowhere),
    "a second plan beside the first": Fault("two-open-plans", books.two_plans),
    "a completed plan reopened beside a newer one": Fault(
        "two-open-plans", books.reopened_beside_another
    ),
    "a payment for the plan of another account": Fault(
        "plan-payment-elsewhere", books.plan_of_another_account
    ),
    "a plan left open by a recall": Fault("plan-left-open", books.recalled_with_a_plan),
    "a plan left open by a closing": Fault("plan-left-open", books.closed_with_a_plan),
    "a plan reopened on a recalled account": Fault(
        "plan-left-open", books.reopened_on_a_recalled_account
    ),
    "a dispute denied unanswered": Fault("denied-without-answer", books.denied_unanswered),
    "a missing event": Fault("version-gap", books.missing_event),
    "time that goes back": Fault("time-went-back", books.time_back),
    "a cause that is nowhere": Fault("cause-unknown", books.unknown_cause),
    "an event id used twice": Fault("event-id-repeated", books.same_id),
    "an envelope with another time": Fault("envelope-time-differs", books.back_dated),
}
