"""Which processes serve an installation."""

from services.command.wiring import commands, in_stopping_order


def test_one_process_serves_everything_on_one_machine() -> None:
    ((name, command),) = commands({}).items()
    assert name == "services"
    assert command[-2:] == ("serve", "all")


def test_with_brokers_each_service_and_its_relay_are_processes_of_their_own() -> None:
    made = commands({"FORBEAR_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9092"})
    assert [command[-2:] for command in made.values()] == [
        ("serve", "ledger"),
        ("serve", "contact"),
        ("serve", "disputes"),
        ("serve", "compliance"),
        ("serve", "mailbox"),
        ("relay", "ledger"),
        ("relay", "contact"),
        ("relay", "disputes"),
        ("relay", "compliance"),
    ]


def test_callers_are_stopped_before_those_they_call() -> None:
    made = commands({"FORBEAR_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9092"})
    first, then = in_stopping_order(made)
    assert set(first) == {"ledger", "contact", "disputes"}
    assert {"compliance", "mailbox", "contact-relay"} <= set(then)
    assert first | then == made
