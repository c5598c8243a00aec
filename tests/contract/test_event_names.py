"""Names under which services store events: each belongs to one class, and none is made up.

That no name is ever lost, and each new one put on record, is held with the schemas.
"""

from tests.schemas import event_types


def test_each_name_is_stored_by_one_class() -> None:
    names = [each.name for each in event_types.every()]
    assert len(names) >= 59
    assert sorted(set(names)) == names


def test_what_a_service_reads_of_another_is_stored_there() -> None:
    stored = {each.name for each in event_types.every()}
    unheard_of = {
        (service, name)
        for service in event_types.OWNERS
        for name in event_types.declared(service).values()
        if name not in stored
    }
    assert unheard_of == set()
