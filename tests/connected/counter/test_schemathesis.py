"""Messages made from the OpenAPI document: each is served or refused in a sentence."""

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.connected.counter.conftest import Site

pytestmark = pytest.mark.connected
DOCUMENT = Path(__file__).parents[3] / "docs" / "reference" / "gateway.openapi.json"
EXAMPLES = int(os.environ.get("JIESUAN_SCHEMATHESIS", "3"))
"""Of each transaction; `make schemathesis` makes 130, more than 5,000 in all: two and a
half minutes of a core, nearly all of it for making them."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
OUR_FAULT = "平台处理出错"


def document_of(address: str) -> Any:
    """Return the document, for messages to an address."""
    document = json.loads(DOCUMENT.read_text("utf-8"))
    # Invented credentials would end every message at the door.
    document.pop("security")
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=f"http://{address}")
    return schema


def test_what_the_document_allows_is_answered(site: Site, figures: list[str]) -> None:
    """No 5xx, no fault of ours, no reply beyond its schema, no sentence too long."""
    till = site.till()
    bearer = {"Authorization": f"Bearer {till.log_in()}"}
    schema = document_of(till.address)
    counts: Counter[str] = Counter()

    def attempt(operation: Any) -> None:
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def once(case: Any) -> None:
            if isinstance(case.body, dict):
                # Another's name would be refused before anything else is looked at.
                case.body.pop("fixmedins_code", None)
                case.body["msgid"] = f"S{counts['cases']}"
                case.body["infno"] = operation.path.rpartition("/")[2]
            reply = case.call(headers=bearer)
            case.validate_response(reply, checks=CHECKS)
            counts["cases"] += 1
            if reply.headers["content-type"][0].startswith("application/json"):
                said = json.loads(reply.content)
                counts[said.get("infcode", "token")] += 1
                assert OUR_FAULT not in said.get("err_msg", "")
                assert len(said.get("err_msg", "")) <= 200

        once()

    asked = Counter[str]()
    for found in schema.get_all_operations():
        attempt(found.ok())
        asked[found.ok().method] += 1
    assert asked["get"] == 5
    assert counts["cases"] >= EXAMPLES * 42
    assert counts["0"] > 0
    figures.append(f"schemathesis: {dict(counts)}")
