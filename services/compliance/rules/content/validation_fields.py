"""A validation notice holds every field it must; nought may stand there, nothing may not."""

from collections.abc import Iterator

from services.compliance.rules.findings import Finding
from services.compliance.rules.message import Message, MortgageStatement, ValidationNotice
from services.compliance.rules.pack import Terms


def validation_fields(terms: Terms, message: Message) -> Iterator[Finding]:
    """Object to every field that is missing or blank, and to what may not stand in for one."""
    if message.notice is None:
        if message.document == "validation_notice":
            yield terms.finding("require", "The fields of the validation notice are not given.")
        return
    notice = message.notice
    for name in required_fields(terms, notice):
        if name not in notice.fields:
            yield terms.finding("require", f"The notice lacks the {_plain(name)}.")
        elif not notice.fields[name].strip():
            yield terms.finding("require", f"The {_plain(name)} is blank; nought must be written.")
    yield from _doubtful_values(terms, notice)


def required_fields(terms: Terms, notice: ValidationNotice) -> list[str]:
    """Return the fields a notice must have, in the order of 12 CFR 1006.34(c)."""
    names = terms.names
    fields = [*names["always"]]
    if notice.is_financial_product is not False:
        fields += names["if_financial_product"]
    if notice.is_electronic:
        fields += names["if_electronic"]
    replaced = set(names["itemization"]) if _stands_elsewhere(notice) else set()
    if notice.mortgage_statement and may_replace_itemization(notice.mortgage_statement):
        replaced |= {*names["replaced_by_statement"], *names["itemization"]}
    return [each for each in fields if each not in replaced]


def may_replace_itemization(statement: MortgageStatement) -> bool:
    """Tell whether a periodic statement stands for the itemization (12 CFR 1006.34(c)(5))."""
    return (
        statement.is_required_by_law
        and statement.is_most_recent
        and statement.is_in_same_communication
        and statement.is_referred_to
    )


def _stands_elsewhere(notice: ValidationNotice) -> bool:
    page = notice.itemization_page
    is_on_page = page is not None and page.is_in_same_communication and page.is_referred_to
    return is_on_page or notice.itemization_of_other_law


def _doubtful_values(terms: Terms, notice: ValidationNotice) -> Iterator[Finding]:
    if notice.itemization_page is not None and not _stands_elsewhere(notice):
        yield terms.finding(
            "require",
            "An itemization on a separate page belongs to the same communication, and the notice"
            " refers to it where it would have stood.",
        )
    if notice.mortgage_statement and not may_replace_itemization(notice.mortgage_statement):
        yield terms.finding(
            "require",
            "A periodic statement stands for the itemization only if it is the most recent one"
            " that the law requires, enclosed, and referred to.",
        )
    if not notice.is_collector_name_used_in_business:
        yield terms.finding("deny", "The collector's name is not one it does business under.")
    if not notice.accepts_disputes_at_address:
        yield terms.finding("deny", "At the mailing address no disputes are accepted.")
    if not notice.is_account_number_recognizable:
        yield terms.finding("require", "The consumer cannot recognize the account by its number.")
    if notice.is_electronic and notice.dispute_media_accepted and not (
        set(notice.dispute_media_listed) & set(notice.dispute_media_accepted)
    ):  # fmt: skip
        yield terms.finding(
            "require", "The notice lists no electronic medium through which disputes are accepted."
        )


def _plain(name: str) -> str:
    return name.replace("_", " ")
