"""The topics as an AsyncAPI document: what each holds, who sends it and who receives it.

The payloads are the event schemas, referred to where they are committed.
https://www.asyncapi.com/docs/reference/specification/v3.1.0
"""

from collections.abc import Iterable, Mapping
from typing import Any

from shared.messaging.kafka.connection import topic_of
from shared.messaging.kafka.topics import KEPT_FOR_EVER
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
        "channels": {each: _channel(each) for each in SERVICES},
        "operations": _operations(),
        "components": {
            "messages": {
                **{_name(each): _message(each) for each in event_types.every()},
                **_marks(),
            },
            "schemas": {
                "EventHeaders": message_headers.of_events(),
                "BeginningHeaders": message_headers.of_beginnings(),
                "WatermarkHeaders": message_headers.of_watermarks(),
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
                    "cleanup.policy": [KEPT_FOR_EVER["cleanup.policy"]],
                    "retention.ms": int(KEPT_FOR_EVER["retention.ms"]),
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
    # A service reads its own events in its own database.
    receiving = {each.name: _receiving(each) for each in readers() if each.source != each.service}
    return {**sending, **receiving}


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
