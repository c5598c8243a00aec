"""Read one value as one field type, the way a request body does."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError, create_model

from shared.http.field_errors import error_entries
from shared.http.fields import StrictBody


def accepted(kind: Any, value: Any) -> Any:
    """Return what the field holds after reading."""
    body = create_model("Body", __base__=StrictBody, field=(kind, ...))
    return body.model_validate({"field": value}).field  # type: ignore[attr-defined]


def refused(kind: Any, value: Any) -> str:
    """Return the code of the only complaint."""
    body = create_model("Body", __base__=StrictBody, field=(kind, ...))
    with pytest.raises(ValidationError) as caught:
        body.model_validate({"field": value})
    (entry,) = error_entries(caught.value)
    assert entry["pointer"] == "/field"
    assert entry["detail"]
    if isinstance(value, str) and len(value) > 10:  # shorter ones may be part of an example
        assert value not in str(entry)
    return entry["code"]


def schema(kind: Any) -> dict[str, Any]:
    """Return the JSON Schema of the field."""
    return TypeAdapter(kind).json_schema()
