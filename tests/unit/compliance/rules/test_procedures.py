import pytest

from services.compliance.rules import procedures
from services.compliance.rules.facts import CreditorNotice, PriorCollector


@pytest.mark.parametrize(
    ("kind", "is_about"),
    [
        ("periodic statement", True),
        ("payment reminders", True),
        ("bills", True),
        ("invoices", True),
        ("required disclosures", True),
        ("account balance", True),
        ("unrelated marketing", False),
        ("newsletter", False),
        ("birthday card", False),
    ],
)
def test_creditors_messages_about_the_account(kind: str, is_about: bool) -> None:
    assert procedures.is_about_account(kind.split()) is is_about


@pytest.mark.parametrize(
    ("medium", "method", "is_simple"),
    [
        ("electronic", "hyperlink", True),
        ("electronic", "reply stop", True),
        ("electronic", "unsubscribe button", True),
        ("electronic", "postal mail", False),
        ("electronic", "telephone", False),
        ("electronic", "website without link", False),
        ("electronic", "reply to request a form", False),
        ("electronic", "link after a fee", False),
        ("paper", "reply form with preaddressed envelope", True),
        ("paper", "tear off card", True),
        ("paper", "call or write for a form", False),
        ("paper", "request a form", False),
    ],
)
def test_simple_ways_to_opt_out(medium: str, method: str, is_simple: bool) -> None:
    assert procedures.is_simple_opt_out(medium, method.split()) is is_simple


def test_a_notice_of_which_nothing_is_known_has_no_fault() -> None:
    assert procedures.faults(CreditorNotice()) == ()


def test_faults_are_named() -> None:
    notice = CreditorNotice(names_deadline=False, medium="paper", opt_out_methods=("write_to_us",))
    assert procedures.faults(notice) == (
        "names a deadline",
        "a reasonable and simple way to opt out",
    )


def test_a_reply_goes_to_the_collector_or_the_creditor() -> None:
    assert procedures.faults(CreditorNotice(is_reply_to_one=True)) == ()
    assert procedures.faults(CreditorNotice(is_reply_to_one=False)) == (
        "asks for the reply to one of the two",
    )


GOT = PriorCollector(obtained_properly=True)
USED = PriorCollector(used=True)
BOTH = PriorCollector(obtained_properly=True, used=True)
RETURN = PriorCollector(is_return=True)


@pytest.mark.parametrize(
    ("chain", "holds"),
    [
        ([], False),
        ([BOTH], True),
        ([GOT, USED], True),
        ([USED, GOT], False),
        ([BOTH, RETURN], True),
        ([GOT, RETURN, USED], True),
        ([BOTH, RETURN, PriorCollector()], False),
        ([RETURN], False),
        ([BOTH, PriorCollector(used=True, opted_out=True)], False),
    ],
)
def test_chains_of_collectors(chain: list[PriorCollector], holds: bool) -> None:
    assert procedures.chain_holds(chain) is holds


def test_what_a_creditor_used_an_address_for() -> None:
    fault = ("address used by the creditor about the account",)
    assert procedures.faults(CreditorNotice(used_for=("unrelated_marketing",))) == fault
    assert procedures.faults(CreditorNotice(used_for=("newsletter", "bills"))) == ()
    nothing = CreditorNotice(is_used_about_account=False, used_for=("newsletter",))
    assert procedures.faults(nothing) == fault


@pytest.mark.parametrize(
    ("database", "is_complete"),
    [
        ("fcc reassigned numbers database", True),
        ("commercial substantially similar", True),
        ("internal list", False),
        ("incomplete commercial list", False),
        ("telephone book", False),
    ],
)
def test_databases_to_rely_on(database: str, is_complete: bool) -> None:
    assert procedures.is_complete_database(database.split()) is is_complete
