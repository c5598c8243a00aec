"""The columns of our own placement CSV, in the order in which the sample has them.

Amounts are decimal with at most two places, dates are YYYY-MM-DD, and a blank is an absent value.
"""

from pathlib import Path

from shared.kernel.records import record

SAMPLE = Path(__file__).with_name("sample.csv")


@record
class Column:
    """One column; a required one must be in the header, though a value may be blank."""

    name: str
    meaning: str
    is_required: bool = False


def _required(name: str, meaning: str) -> Column:
    return Column(name=name, meaning=meaning, is_required=True)


def _optional(name: str, meaning: str) -> Column:
    return Column(name=name, meaning=meaning)


COLUMNS = (
    _required("account_number", "the creditor's number of the account"),
    _required("customer_reference", "the creditor's reference of the person, not personal"),
    _required("product_type", "such as credit_card or personal_loan"),
    _required("original_creditor_name", "to whom the debt was first owed"),
    _required("current_creditor_name", "to whom it is owed now"),
    _required("itemization_date", "the day the itemization starts from"),
    _required("itemization_type", "what that day is, such as charge_off"),
    _required("itemization_balance", "owed on that day"),
    _optional("itemization_interest", "interest since then"),
    _optional("itemization_fees", "fees since then"),
    _optional("itemization_payments", "payments since then"),
    _optional("itemization_credits", "credits since then"),
    _required("principal", "principal owed now"),
    _optional("interest", "interest owed now"),
    _optional("fees", "fees owed now"),
    _required("total_balance", "everything owed now, the sum of the three before"),
    _required("delinquency_date", "first day in arrears"),
    _optional("open_date", "when the account was opened"),
    _optional("charge_off_date", "when it was charged off"),
    _optional("last_payment_date", "when the last payment came"),
    _optional("last_payment_amount", "how much it was"),
    _required("first_name", "the consumer's"),
    _required("last_name", "the consumer's"),
    _optional("date_of_birth", "the consumer's"),
    _required("street", "address line of the consumer's home"),
    _required("city", "of that address"),
    _required("state", "two letters"),
    _required("zip", "five digits"),
    _optional("phone", "international form, such as +12175550123"),
    _optional("phone_label", "mobile, landline, home, work or unknown"),
    _optional("second_phone", "another number"),
    _optional("second_phone_label", "as phone_label"),
    _optional("email", "one address"),
    _optional("email_label", "personal, work or unknown"),
    _optional("email_procedure", "how it came into use: consumer_used, creditor_notice, …"),
    _optional("email_given_on", "when that was"),
    _optional("email_notice_sent_on", "when the creditor's notice was sent"),
    _optional("email_opt_out_by", "the last day to opt out that the notice named"),
    _optional("special_flags", "separated by blanks, such as attorney or dispute"),
    _optional("language", "two letters; en if blank"),
)
NAMES = tuple(each.name for each in COLUMNS)
REQUIRED = tuple(each.name for each in COLUMNS if each.is_required)
