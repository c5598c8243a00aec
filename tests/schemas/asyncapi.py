"""The topics as an AsyncAPI document: what each holds, who sends it and who receives it.

The payloads are the event schemas, referred to where they are committed.
https://www.asyncapi.com/docs/reference/specification/v3.1.0
"""

from collections.abc import Iterable, Mapping
from typing import Any

from shared.messaging.kafka.configs import for_ever
from shared.messaging.kafka.connection import topic_of
from shared.messaging.kafka.dead_letters import dead_letters_of
from shared.service.relaying import RelaySettings
from shared.service.service import VERSION
from tests.databases import SERVICES
from tests.schemas import event_types, message_headers
from tests.schemas.event_types import EventType
from tests.schemas.examples import example_of
from tests.schemas.fields import ID_SUFFIX
from tests.schemas.services import Reader, readers

Part = dict[str, Any]

SPECIFICATION = "3.1.0"
BINDING = "0.5.0"
DEAD_LETTER = "dead-letter"
MARKS = ("publication-begun", "watermark")
_ID = f"(?:cns|acct)_{ID_SUFFIX}"
KEY = {
    "type": "string",
    "description": (
        "Id of the first consumer concerned; without one, of the account; without that, the stream."
    ),
    "pattern": f"^(?:{_ID}|[a-z]+-[0-9a-z_-]+)$",
}


def document() -> Part:
    """Return the document; its references lead from where it is committed."""
    return {
        "asyncapi": SPECIFICATION,
        "info": {
            "title": "Forbear events",
            "version": VERSION,
            "description": (
                "What the four services publish to Apache Kafka: CloudEvents in binary mode, each"
                " service's event log on a topic of its own. All amounts are integers of minor"
                " units; all instants are UTC. Records are delivered at least once and in order"
                " per key; what was had before is told by `ce_id`. Fields may be added without a"
                " new version: pass over what you do not know."
            ),
            "contact": {"name": "Forbear", "url": "https://forbear.example"},
            "license": {"name": "Proprietary"},
        },
        "defaultContentType": message_headers.CONTENT_TYPE,
        "channels": {
            **{each: _channel(each) for each in SERVICES},
            **{_letters(each): _letter_channel(each) for each in _groups()},
        },
        "operations": _operations(),
        "components": {
            "messages": {
                **{_name(each): _message(each) for each in event_types.every()},
                **_marks(),
                DEAD_LETTER: _dead_letter(),
            },
            "schemas": {
                "EventHeaders": message_headers.of_events(),
                "BeginningHeaders": message_headers.of_beginnings(),
                "WatermarkHeaders": message_headers.of_watermarks(),
                "DeadLetterHeaders": message_headers.of_dead_letters(),
            },
        },
    }


def _name(event: EventType) -> str:
    return f"{event.service}.{event.event}.{event.version}"


def _channel(service: str) -> Part:
    topic = topic_of(service)
    fields = RelaySettings.model_fields
    held = [_name(each) for each in event_types.stored_by(service)]
    return {
        "address": topic,
        "title": f"Events of {service}",
        "description": (
            f"Every event of {service}, in the order of its log per key, and the relay's marks."
        ),
        "messages": {each: {"$ref": f"#/components/messages/{each}"} for each in (*held, *MARKS)},
        "bindings": {
            "kafka": {
                "topic": topic,
                "partitions": fields["kafka_partitions"].default,
                "replicas": fields["kafka_replication_factor"].default,
                "topicConfiguration": {
                    "cleanup.policy": [for_ever(copies=1)["cleanup.policy"]],
                    "retention.ms": int(for_ever(copies=1)["retention.ms"]),
                },
                "bindingVersion": BINDING,
            }
        },
    }


def _operations() -> Part:
    sending = {
        f"{service}-relay": {
            "action": "send",
            "channel": {"$ref": f"#/channels/{service}"},
            "summary": f"The relay of {service} publishes its log.",
            "messages": _messages(
                service, (*(_name(each) for each in event_types.stored_by(service)), *MARKS)
            ),
        }
        for service in SERVICES
    }
    receiving = {each.name: _receiving(each) for each in _groups()}
    parking = {_letters(each): _parking(each) for each in _groups()}
    return {**sending, **receiving, **parking}


def _groups() -> tuple[Reader, ...]:
    """Return who reads from topics; its own events a service reads in its own database."""
    return tuple(each for each in readers() if each.source != each.service)


def _letters(reader: Reader) -> str:
    return f"{reader.name}.dlq"


def _letter_channel(reader: Reader) -> Part:
    topic = dead_letters_of(topic_of(reader.source), reader.name)
    return {
        "address": topic,
        "title": f"Dead letters of {reader.name}",
        "description": (
            f"What {reader.name} has set aside, again after each retry that failed, with"
            f" partitions, copies and retention of the topic it came from. `forbear dlq` says"
            f" what is set aside now."
        ),
        "messages": {DEAD_LETTER: {"$ref": f"#/components/messages/{DEAD_LETTER}"}},
        "bindings": {"kafka": {"topic": topic, "bindingVersion": BINDING}},
    }


def _parking(reader: Reader) -> Part:
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{_letters(reader)}"},
        "summary": f"{reader.service} tells what {reader.name} has set aside.",
        "messages": _messages(_letters(reader), (DEAD_LETTER,)),
    }


def _dead_letter() -> Part:
    return {
        "name": DEAD_LETTER,
        "title": "A record that was set aside",
        "summary": "Key, value and headers as they came, and why it was set aside.",
        "headers": {"$ref": "#/components/schemas/DeadLetterHeaders"},
    }


def _receiving(reader: Reader) -> Part:
    wanted = [
        _name(each) for each in event_types.stored_by(reader.source) if reader.reads(each.name)
    ]
    return {
        "action": "receive",
        "channel": {"$ref": f"#/channels/{reader.source}"},
        "summary": f"{reader.service} reads what it needs of {reader.source}.",
        "messages": _messages(reader.source, (*wanted, *MARKS)),
        "bindings": {
            "kafka": {
                "groupId": {"type": "string", "enum": [reader.name]},
                "bindingVersion": BINDING,
            }
        },
    }


def _messages(service: str, names: Iterable[str]) -> list[Part]:
    return [{"$ref": f"#/channels/{service}/messages/{each}"} for each in names]


def _message(event: EventType) -> Part:
    payload = example_of(event.cls)
    return {
        "name": event.name,
        "title": event.cls.__name__,
        "summary": (event.cls.__doc__ or "").split("\n\n")[0].replace("\n    ", " ").strip(),
        "contentType": message_headers.CONTENT_TYPE,
        "headers": {
            "allOf": [
                {"$ref": "#/components/schemas/EventHeaders"},
                {"type": "object", "properties": {"ce_type": {"const": event.name}}},
            ]
        },
        "payload": {"$ref": f"./{event.path.as_posix()}"},
        "bindings": _keyed(),
        "examples": [
            {"headers": message_headers.example(event, payload), "payload": payload},
        ],
    }


def _keyed() -> Mapping[str, Any]:
    return {"kafka": {"key": KEY, "bindingVersion": BINDING}}


def _marks() -> Part:
    return {
        "publication-begun": {
            "name": "publication-begun",
            "title": "Mark: a publication begins",
            "summary": "The first record of a publication in its partition; no key, no value.",
            "headers": {"$ref": "#/components/schemas/BeginningHeaders"},
        },
        "watermark": {
            "name": "watermark",
            "title": "Mark: fresh as of",
            "summary": "Every event of this partition that was committed before an instant stands"
            " before this mark; no key, no value.",
            "headers": {"$ref": "#/components/schemas/WatermarkHeaders"},
        },
    }
