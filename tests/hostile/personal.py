"""A person whose every word is unmistakable, wherever a service takes personal data."""

from typing import Any

from tests.unit.ledger.samples import row

FIRST, MIDDLE, LAST, SUFFIX = "Xanthippe", "Quillfeather", "Zugzwang-Vries", "Kbrnq"
ALIAS = "Moonbeam Vexillary"
BORN = "1931-02-27"
SSN_LAST4 = "8362"
LICENSE = "DQZX-93718462"
STREET, CITY, ZIP = "4711 Wobbegong Terrace", "Zanzibarville", "62701-7391"
PHONE, SECOND_PHONE, INBOUND_PHONE = "+13125558946", "+13125557613", "+13125559327"
EMAIL = "xanthippe.zugzwang.9371@example.com"
ACCOUNT_NUMBER, CUSTOMER_REFERENCE = "ZQ4417-93718462-X", "CUSTREF-93718462-Q"
FILE_NUMBER, AGENCY_REFERENCE = "FILE-5551937184-J", "AGREF-5551937184-K"
DESCRIPTION = "Lives with aunt Quibblesworth; calls her Pumpernickel."
DOCKET = "DKT-2024-QX-937184"
CO_DEBTOR, ATTORNEY = "Bartholomew Kestrelmann", "Wrzesniewski and Quux LLP"
SUBJECT, LETTER = "Concerning Quetzalcoatl", "Dear Ms. Zugzwang, a word about Ytterbium Lane."
STATEMENT = "I am unwell, says Crwth the Unlucky."
MESSAGE = f"My new number is {INBOUND_PHONE}, ask for Vroomfondel."
COUNSEL = "Law office of Fitzgibbon Quarkstein"
RELEASE_NOTE = "She phoned her sister Ermintrude."
DISPUTE = "That was my cousin Jabberwock, not me."
RESOLUTION_NOTE = "Cousin Tweedledeedum confirmed it."
OUTCOME_NOTE = "The neighbor Snickersnee answered."
PAYMENT_REFERENCE = "CHK 93718462 XANTHIPPE"

NEEDLES = (
    FIRST,
    MIDDLE,
    "Zugzwang",
    SUFFIX,
    "Vexillary",
    BORN,
    BORN.replace("-", ""),
    f'"{SSN_LAST4}"',
    "93718462",
    "Wobbegong",
    "Zanzibarville",
    ZIP,
    ZIP.replace("-", ""),
    PHONE,
    PHONE[2:],
    SECOND_PHONE,
    SECOND_PHONE[2:],
    INBOUND_PHONE,
    INBOUND_PHONE[2:],
    EMAIL,
    "zugzwang.9371",
    "5551937184",
    "Quibblesworth",
    "Pumpernickel",
    DOCKET,
    "Kestrelmann",
    "Wrzesniewski",
    "Quetzalcoatl",
    "Ytterbium",
    "Crwth",
    "Vroomfondel",
    "Quarkstein",
    "Ermintrude",
    "Jabberwock",
    "Tweedledeedum",
    "Snickersnee",
    "CHK 937",
)


def placement_row() -> dict[str, Any]:
    """Return the person's account as a creditor places it, every personal field filled."""
    consent = {"procedure": "consumer_used", "medium": "email", "given_on": "2026-06-01"}
    consumer = {
        "role": "consumer",
        "first_name": FIRST,
        "middle_name": MIDDLE,
        "last_name": LAST,
        "suffix": SUFFIX,
        "alias": ALIAS,
        "date_of_birth": BORN,
        "ssn_last4": SSN_LAST4,
        "driver_license": LICENSE,
        "addresses": [
            {"lines": [STREET], "city": CITY, "state": "IL", "zip": ZIP, "country": "US"}
        ],
        "phones": [{"number": PHONE, "label": "mobile"}],
        "emails": [{"address": EMAIL, "consents": [consent]}],
    }
    co_debtor = {
        "role": "co_debtor",
        "full_name": CO_DEBTOR,
        "phones": [{"number": SECOND_PHONE, "label": "home"}],
    }
    attorney = {"role": "attorney", "company": ATTORNEY}
    judgment = {"date": "2025-02-01", "amount": 10_000, "docket": DOCKET}
    return row(
        account_number=ACCOUNT_NUMBER,
        customer_reference=CUSTOMER_REFERENCE,
        file_number=FILE_NUMBER,
        agency_reference=AGENCY_REFERENCE,
        description=DESCRIPTION,
        judgment=judgment,
        parties=[consumer, co_debtor, attorney],
    )
