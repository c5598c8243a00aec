"""What a contact may be for: the purposes that the rules tell apart, and those that are the same.

A caller names one of these. What was decided under another name, before there was a list, stays
readable: only requests are held to it.
"""

PURPOSES: tuple[str, ...] = (
    # to collect
    "collection",
    "payment_demand",
    "settlement_offer",
    "telephone_solicitation",
    "solicitation",
    "marketing",
    "other",
    # to tell, answer or ask what the law speaks of
    "validation_notice",
    "dispute_verification",
    "dispute_judgment_copy",
    "duplicative_dispute_notice",
    "original_creditor_name_and_address",
    "substantiation",
    "substantiation_instructions",
    "statement_of_account",
    "opt_out_confirmation",
    "consent_request",
    "location_information",
    "estate_representative_information",
    "bankruptcy_notice",
    # what a demand to stop leaves (12 CFR 1006.6(c)(2), comment 6(c)(2)-1)
    "notice_of_termination_of_efforts",
    "invoke_specified_remedy_ordinarily_invoked",
    "intends_to_invoke_specified_remedy",
    "mortgage_servicing_notice",
    # what may be said to others than the consumer to execute a judgment (12 CFR 1006.6(d)(2)(iv))
    "postjudgment_judicial_remedy",
    # what other law asks for, or may rebut a presumption (comment 14(b)(2)(ii)-2)
    "required_by_law",
    "active_litigation",
    "requested_information",
    "avoid_time_critical_effect",
    "emergency",
)
