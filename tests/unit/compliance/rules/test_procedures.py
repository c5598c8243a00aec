import pytest

from services.compliance.rules import procedures
from services.compliance.rules.facts import CreditorNotice


@pytest.mark.parametrize(
    ("kind", "is_about"),
    [
        ("periodic statement", True),
        ("payment reminders", True),
        ("bills", True),
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


@pytest.mark.parametrize(
    ("placements", "collector", "before"),
    [
        (["A", "B"], None, "A"),
        (["A", "returned_to_creditor", "B"], "B", "A"),
        (["A", "B", "returned_to_creditor", "C"], "C", "B"),
        (["A", "B", "A"], "A", "B"),
        (["A"], "A", None),
        (["A", "returned_to_creditor"], "B", "A"),
        ([], None, None),
    ],
)
def test_the_collector_before(
    placements: list[str], collector: str | None, before: str | None
) -> None:
    assert procedures.immediately_prior(placements, collector) == before


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
