"""What a contact is for: one list, wherever it is asked."""

import msgspec
import pytest
from pydantic import BaseModel, ValidationError

from services.compliance.permits.bodies import ContactBody, UnpermittedBody
from services.compliance.rules import purposes as judged
from services.compliance.rules.check import vocabulary
from services.compliance.rules.loading import load_book
from services.contact.attempts.bodies import AttemptBody
from services.contact.attempts.domain import purposes as asked
from shared.http.field_errors import error_entries
from shared.http.problem import DETAIL_CHARACTERS_MAX
from tests.unit.compliance.samples import request

BODIES = (ContactBody, AttemptBody)


def complaint(body: type[BaseModel], purpose: object) -> dict[str, str] | None:
    with pytest.raises(ValidationError) as refused:
        body.model_validate({"purpose": purpose, "unknown": 1})
    entries = error_entries(refused.value)
    return next((each for each in entries if each["pointer"] == "/purpose"), None)


def test_is_the_same_for_contact_and_compliance() -> None:
    assert asked.PURPOSES == judged.PURPOSES
    assert len(set(judged.PURPOSES)) == len(judged.PURPOSES)


@pytest.mark.parametrize("body", BODIES)
def test_takes_every_purpose_of_the_list_and_no_other(body: type[BaseModel]) -> None:
    assert [each for each in judged.PURPOSES if complaint(body, each)] == []
    for wrong in ("collection_of_something", "", "Collection", 7):
        assert complaint(body, wrong)


@pytest.mark.parametrize("body", BODIES)
def test_lists_what_may_be_given(body: type[BaseModel]) -> None:
    refused = complaint(body, "cease_exception")
    assert refused is not None
    assert refused["code"] == "value-not-allowed"
    assert judged.PURPOSES[0] in refused["detail"]
    assert len(refused["detail"]) <= DETAIL_CHARACTERS_MAX
    documented = body.model_json_schema()["properties"]["purpose"]["description"]
    assert [each for each in judged.PURPOSES if each not in documented] == []


def test_of_what_was_done_without_a_permit_may_have_any_name() -> None:
    assert complaint(UnpermittedBody, "collection_of_something") is None
    assert complaint(UnpermittedBody, "Collection") is not None


def test_has_every_purpose_that_a_rule_or_an_example_names() -> None:
    named = {
        purpose
        for pack in load_book().packs
        for terms in pack.terms
        for key, values in terms.names.items()
        if "purposes" in key and terms.rule != "consumer-debt"
        for purpose in values
    }
    named.update(purpose for _, purpose in vocabulary.PURPOSES)
    assert named - set(judged.PURPOSES) == set()


def test_of_an_earlier_request_stays_readable() -> None:
    before = request(purpose="collection_of_something")
    assert msgspec.convert(msgspec.to_builtins(before), type(before)) == before
