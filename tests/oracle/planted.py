"""Faults to plant one by one into a clean history, and the code that must name each."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.oracle import planted_books as books
from tests.oracle import planted_clearances as clearances
from tests.oracle import planted_consents as consents
from tests.oracle import planted_contacts as contacts
from tests.oracle import planted_laws as laws
from tests.oracle.history import Log


@dataclass(frozen=True)
class Fault:
    """A fault, and the one code that must name it."""

    code: str
    plant: Callable[[Log], None]


FAULTS: dict[str, Fault] = {
    "an eighth call in a day": Fault("eighth-call", contacts.eighth_call),
    "an eighth call on the seventh date": Fault("eighth-call", contacts.eighth_call_at_midnight),
    "a second call on one review": Fault("eighth-call", contacts.second_call_on_review),
    "granted at 20:59, redeemed at 21:01": Fault("outside-permitted-hours", contacts.after_hours),
    "six in Los Angeles": Fault("outside-permitted-hours", contacts.before_hours_elsewhere),
    "a call six days after a conversation": Fault(
        "call-soon-after-conversation", contacts.after_conversation
    ),
    "a call after one never reported": Fault("call-after-unknown-call", contacts.after_unknown),
    "contact after cease": Fault("contact-after-cease", contacts.after_cease),
    "contact after attorney": Fault("contact-after-attorney", contacts.after_attorney),
    "contact on consent unlawfully given": Fault(
        "contact-after-attorney", contacts.after_attorney_with_bad_consent
    ),
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
    "a fifth call in the District of Columbia": Fault(
        "contacts-beyond-state-law", laws.fifth_call_in_district
    ),
    "a third call in Massachusetts": Fault(
        "contacts-beyond-state-law", laws.third_call_in_massachusetts
    ),
    "a call after a conversation in Pennsylvania": Fault(
        "contacts-beyond-state-law", laws.second_conversation_in_pennsylvania
    ),
    "a fourth message in Washington": Fault(
        "contacts-beyond-state-law", laws.fourth_letter_in_washington
    ),
    "a fourth call in New York City": Fault(
        "contacts-beyond-state-law", laws.fourth_call_in_new_york_city
    ),
    "a text in New York City without consent": Fault(
        "message-without-state-consent", laws.text_in_new_york_city
    ),
    "a time-barred debt in New York City": Fault(
        "time-barred-without-notice", laws.time_barred_in_new_york_city
    ),
    "an e-mail in New York without consent": Fault(
        "message-without-state-consent", laws.email_in_new_york
    ),
    "a time-barred debt in Texas": Fault("time-barred-without-notice", laws.time_barred_in_texas),
    "a first letter to California without rights": Fault(
        "first-letter-without-rights", laws.first_letter_to_california
    ),
    "a debt that ended in Mississippi": Fault(
        "contact-on-extinguished-debt", laws.extinguished_in_mississippi
    ),
    "a debt to be substantiated in New York": Fault(
        "contact-before-substantiation", laws.unsubstantiated_in_new_york
    ),
    "no disclosures in New York": Fault("disclosures-overdue", laws.undisclosed_in_new_york),
    "medical debt in Nevada before its notice": Fault(
        "medical-before-notice", laws.medical_in_nevada
    ),
    "a call to the dead": Fault("contact-with-deceased", laws.deceased),
    "a call to a bankrupt": Fault("contact-in-bankruptcy", laws.bankrupt),
    "a call to a bankrupt's co-debtor": Fault("contact-in-bankruptcy", laws.codebtor_of_bankrupt),
    "a petition that who owes the debt too is not protected by": Fault(
        "debt-fact-not-shared", laws.petition_unknown_to_who_owes_it_too
    ),
    "a call about a discharged debt": Fault("contact-after-discharge", laws.discharged),
    "a stranger told of the debt": Fault("contact-to-third-party", consents.stranger_told),
    "a friend told for whom nobody consented": Fault(
        "contact-to-third-party", consents.told_to_another_friend
    ),
    "a friend told by their own consent": Fault(
        "contact-to-third-party", consents.told_by_consent_of_who_is_told
    ),
    "a friend told by consent to the creditor": Fault(
        "contact-to-third-party", consents.told_by_consent_to_the_creditor
    ),
    "an employer told without a judgment": Fault(
        "contact-to-third-party", consents.garnished_without_judgment
    ),
    "an employer asked to pay a judgment": Fault(
        "contact-to-third-party", consents.demanded_of_others_after_judgment
    ),
    "a call after the hours consented to": Fault(
        "outside-permitted-hours", consents.later_than_welcome
    ),
    "a late call welcome to the creditor": Fault(
        "outside-permitted-hours", consents.welcome_by_the_creditors_word
    ),
    "a neighbor asked twice": Fault("location-contact-repeated", laws.neighbor_asked_twice),
    "a neighbor told of a debt": Fault("location-contact-names-debt", laws.neighbor_told_of_debt),
    "an estate asked for in vain": Fault("location-contact-unfit", laws.estate_of_the_living),
    "a call when the notice is overdue": Fault("contact-with-notice-overdue", laws.notice_overdue),
    "a message in the portal after its session": Fault(
        "portal-without-session", laws.portal_after_session
    ),
    "a machine's call without consent": Fault(
        "automated-without-consent", laws.machine_without_consent
    ),
    "a machine's call after a revocation": Fault(
        "automated-after-revocation", laws.machine_after_revocation
    ),
    "a machine's call to a reassigned number": Fault(
        "automated-to-reassigned-number", laws.machine_to_reassigned_number
    ),
    "a fourth recording in thirty days": Fault("prerecorded-too-often", laws.fourth_recording),
    "a call without a licence": Fault("contact-without-licence", laws.without_licence),
    "a call without the city's licence": Fault(
        "contact-without-licence", laws.without_licence_of_the_city
    ),
    "social message unchecked": Fault("social-message-unchecked", laws.social_message_unchecked),
    "social message checked as e-mail": Fault(
        "social-message-unchecked", laws.social_message_checked_as_email
    ),
    "visit after an oral stop": Fault("contact-after-oral-stop", laws.visit_after_oral_stop),
    "visits in Massachusetts": Fault("contacts-beyond-state-law", laws.visits_in_massachusetts),
    "content found unlawful": Fault("content-found-unlawful", laws.unlawful_content),
    "content found lawful as a letter alone": Fault(
        "content-found-unlawful", laws.content_washed_as_letter
    ),
    "content found lawful of another sender": Fault(
        "content-found-unlawful", laws.content_washed_by_another_sender
    ),
    "content found lawful once something else was said of it": Fault(
        "content-found-unlawful", laws.content_washed_by_what_is_said_of_it
    ),
    "content found unlawful for a channel that was not checked": Fault(
        "content-found-unlawful", laws.content_checked_for_another_channel_alone
    ),
    "a call beyond the agency's own pack": Fault("own-pack-broken", laws.own_pack),
    "a call outside the hours of the agency's own pack": Fault("own-pack-broken", laws.own_hours),
    "a time-barred suit": Fault("time-barred-suit", clearances.time_barred_suit),
    "a suit by a law nobody read": Fault("time-barred-suit", clearances.suit_by_unread_law),
    "a threat after the stated expiry": Fault(
        "time-barred-suit", clearances.suit_after_stated_expiry
    ),
    "a suit in the wrong place": Fault("suit-in-wrong-place", clearances.suit_elsewhere),
    "a suit on a held account": Fault("suit-on-held-account", clearances.suit_on_hold),
    "a suit in bankruptcy": Fault("suit-in-bankruptcy", clearances.suit_in_bankruptcy),
    "a suit during a dispute": Fault("suit-during-dispute", clearances.suit_during_dispute),
    "a judgment without an affidavit": Fault(
        "judgment-without-affidavit", clearances.judgment_without_affidavit
    ),
    "a judgment against a soldier": Fault(
        "judgment-without-affidavit", clearances.judgment_against_soldier
    ),
    "furnished before anybody was reached": Fault(
        "furnished-unreached", clearances.furnished_unreached
    ),
    "furnished without the mark": Fault("furnished-unmarked", clearances.furnished_unmarked),
    "furnished after a report of theft": Fault("furnished-stolen", clearances.furnished_stolen),
    "sold after a report of theft": Fault("transferred-stolen", clearances.transferred_stolen),
    "sold although paid": Fault("transferred-paid", clearances.transferred_paid),
    "a check deposited before its date": Fault("deposit-too-early", clearances.deposit_too_early),
    "a fee that nothing allows": Fault("charge-without-basis", clearances.charge_without_basis),
    "interest above a soldier's cap": Fault("charge-above-cap", clearances.charge_above_cap),
    "a payment to a disputed debt": Fault(
        "payment-to-disputed-debt", clearances.payment_to_disputed_debt
    ),
    "a payment not as directed": Fault(
        "payment-not-as-directed", clearances.payment_not_as_directed
    ),
    "a recording destroyed too early": Fault("purged-too-early", clearances.purged_too_early),
    "an act cleared on stale facts": Fault("act-on-stale-facts", clearances.cleared_on_stale_facts),
}
