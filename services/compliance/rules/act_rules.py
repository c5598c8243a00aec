"""The rules on acts other than contacts, in an explicit tuple, and what packs say of them.

Those that fail closed, and those on bankruptcy, are the rules on contacts themselves.
"""

from typing import get_args

from services.compliance.rules.act_request import AddCharge, Question, Transfer
from services.compliance.rules.acts.account_held import account_held
from services.compliance.rules.acts.consent_question import consent_question
from services.compliance.rules.acts.contact_before_furnishing import contact_before_furnishing
from services.compliance.rules.acts.delinquency_date import delinquency_date
from services.compliance.rules.acts.dispute_not_marked import dispute_not_marked
from services.compliance.rules.acts.dispute_unanswered import dispute_unanswered
from services.compliance.rules.acts.furnisher_investigation import furnisher_investigation
from services.compliance.rules.acts.identity_theft_block import identity_theft_block
from services.compliance.rules.acts.identity_theft_refurnishing import identity_theft_refurnishing
from services.compliance.rules.acts.identity_theft_transfer import identity_theft_transfer
from services.compliance.rules.acts.limitation_period import limitation_period
from services.compliance.rules.acts.paid_debt_transfer import paid_debt_transfer
from services.compliance.rules.acts.payment_allocation import payment_allocation
from services.compliance.rules.acts.postdated_instrument import postdated_instrument
from services.compliance.rules.acts.record_retention import record_retention
from services.compliance.rules.acts.service_affidavit import service_affidavit
from services.compliance.rules.acts.service_interest_cap import service_interest_cap
from services.compliance.rules.acts.service_tolling import service_tolling
from services.compliance.rules.acts.time_barred import time_barred
from services.compliance.rules.acts.time_barred_debt_buyer import time_barred_debt_buyer
from services.compliance.rules.acts.unauthorized_amount import unauthorized_amount
from services.compliance.rules.acts.venue import venue
from services.compliance.rules.book import ActRule
from services.compliance.rules.contact.account_unknown import account_unknown
from services.compliance.rules.contact.bankruptcy_codebtor import bankruptcy_codebtor
from services.compliance.rules.contact.bankruptcy_discharge import bankruptcy_discharge
from services.compliance.rules.contact.bankruptcy_stay import bankruptcy_stay
from services.compliance.rules.contact.facts_parked import facts_parked
from services.compliance.rules.contact.facts_stale import facts_stale
from services.compliance.rules.contact.gate_full import gate_full
from services.compliance.rules.contact.rulebook_stale import rulebook_stale
from services.compliance.rules.limitation import PERIODS
from services.compliance.rules.pack import Parameters

ACT_RULES: tuple[ActRule, ...] = (
    rulebook_stale,
    facts_stale,
    facts_parked,
    gate_full,
    account_unknown,
    account_held,
    dispute_unanswered,
    bankruptcy_stay,
    bankruptcy_codebtor,
    bankruptcy_discharge,
    contact_before_furnishing,
    dispute_not_marked,
    delinquency_date,
    furnisher_investigation,
    identity_theft_block,
    identity_theft_refurnishing,
    identity_theft_transfer,
    paid_debt_transfer,
    time_barred,
    limitation_period,
    time_barred_debt_buyer,
    service_tolling,
    venue,
    service_affidavit,
    service_interest_cap,
    unauthorized_amount,
    payment_allocation,
    postdated_instrument,
    record_retention,
    consent_question,
)

ACT_OVERLAYS: frozenset[str] = frozenset({"limitation-period", "time-barred-debt-buyer"})
"""Rules on acts that no federal law gives terms to, only states."""

_WAYS = frozenset(get_args(Transfer.__annotations__["way"]))
_CHARGES = frozenset(get_args(AddCharge.__annotations__["charge"]))
_RECIPIENTS = frozenset(get_args(Transfer.__annotations__["recipient"]))
_QUESTIONS = frozenset(get_args(Question))
_BANKRUPTCY = Parameters(needed=("permitted",))
_CHAPTERS = frozenset({"7", "11", "12", "13"})

ACT_PARAMETERS: dict[str, Parameters] = {
    "account-held": Parameters(needed=("acts",)),
    "dispute-unanswered": Parameters(needed=("acts",)),
    "bankruptcy-stay": _BANKRUPTCY,
    "bankruptcy-codebtor": Parameters(
        needed=("permitted",), optional=("chapters",), names_of={"chapters": _CHAPTERS}
    ),
    "bankruptcy-discharge": _BANKRUPTCY,
    "contact-before-furnishing": Parameters(needed=("wait_days",)),
    "delinquency-date": Parameters(needed=("within_days",)),
    "furnisher-investigation": Parameters(needed=("within_days", "extension_days")),
    "identity-theft-transfer": Parameters(
        needed=("excepted_ways", "excepted_recipients"),
        names_of={"excepted_ways": _WAYS, "excepted_recipients": _RECIPIENTS},
    ),
    "paid-debt-transfer": Parameters(
        needed=("paid_reasons", "settled_reasons", "excepted_ways"),
        optional=("discharges",),
        names_of={"excepted_ways": _WAYS, "discharges": frozenset({"of_others"})},
    ),
    "limitation-period": PERIODS,
    "time-barred-debt-buyer": PERIODS,
    "service-interest-cap": Parameters(
        needed=("rate_max_basis_points", "interest_includes"),
        names_of={"interest_includes": _CHARGES},
    ),
    "postdated-instrument": Parameters(
        needed=("postdated_days", "notice_days_min", "notice_days_max")
    ),
    "record-retention": Parameters(needed=("years",)),
    "consent-question": Parameters(
        needed=("questions", "opens_minute", "closes_minute"), names_of={"questions": _QUESTIONS}
    ),
}
