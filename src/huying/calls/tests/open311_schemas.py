"""What GeoReport v2 (wiki.open311.org/GeoReport_v2) says of its JSON, as JSON Schema 2020-12: our own reading of it.

Stricter than the standard where it leaves room: nothing may stand in an answer that it does not name.
"""

from __future__ import annotations

from typing import Any

TEXT = {"type": ["string", "null"]}
NUMBER = {"type": ["number", "null"]}
W3 = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$"}
MAYBE_W3 = {"anyOf": [W3, {"type": "null"}]}
ID = {"type": "string", "minLength": 1}


def thing(needed: list[str], /, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": needed, "properties": properties, "additionalProperties": False}


def list_of(items: dict[str, Any], *, least: int = 0) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": least}


SERVICES = list_of(
    thing(
        ["service_code", "service_name", "description", "metadata", "type", "keywords", "group"],
        service_code=ID,
        service_name=ID,
        description=TEXT,
        metadata={"type": "boolean"},
        type={"enum": ["realtime", "batch", "blackbox"]},
        keywords=TEXT,
        group=TEXT,
    )
)
ATTRIBUTE = thing(
    ["variable", "code", "datatype", "required", "datatype_description", "order", "description"],
    variable={"type": "boolean"},
    code=ID,
    datatype={"enum": ["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]},
    required={"type": "boolean"},
    datatype_description=TEXT,
    order={"type": "integer", "minimum": 1},
    description=TEXT,
    values=list_of(thing(["key", "name"], key=ID, name=ID), least=1),
) | {
    "if": {"properties": {"datatype": {"enum": ["singlevaluelist", "multivaluelist"]}}},
    "then": {"required": ["values"]},
}
SERVICE_DEFINITION = thing(["service_code", "attributes"], service_code=ID, attributes=list_of(ATTRIBUTE))
REQUESTS = list_of(
    thing(
        ["service_request_id", "status", "service_code", "requested_datetime", "updated_datetime"],
        service_request_id=ID,
        status={"enum": ["open", "closed"]},
        status_notes=TEXT,
        service_name=TEXT,
        service_code=ID,
        description={"type": ["string", "null"], "maxLength": 4000},
        agency_responsible=TEXT,
        service_notice=TEXT,
        requested_datetime=W3,
        updated_datetime=W3,
        expected_datetime=MAYBE_W3,
        address=TEXT,
        address_id=TEXT,
        zipcode=TEXT,
        lat=NUMBER,
        long=NUMBER,
        media_url=TEXT,
    )
)
MADE = list_of(thing(["service_request_id"], service_request_id=ID, service_notice=TEXT, account_id=TEXT), least=1)
TOKEN = list_of(thing(["service_request_id", "token"], service_request_id=ID, token=ID), least=1)
ERRORS = list_of(
    thing(["code", "description"], code={"type": "integer", "minimum": 400, "maximum": 599}, description=ID), least=1
)
DISCOVERY = thing(
    ["changeset", "contact", "key_service", "endpoints"],
    changeset=ID,
    contact=ID,
    key_service=ID,
    endpoints=list_of(
        thing(
            ["specification", "url", "changeset", "type", "formats"],
            specification={"const": "http://wiki.open311.org/GeoReport_v2"},
            url={"type": "string", "pattern": "^https?://.*/v2$"},
            changeset=ID,
            type={"enum": ["production", "test"]},
            formats=list_of({"enum": ["text/xml", "application/json"]}, least=2),
        ),
        least=1,
    ),
)
