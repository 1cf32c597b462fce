"""What vendors read is what the table of transactions says."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from jiesuan_services.gateway.documents.files import documents
from jiesuan_services.gateway.transactions.table import TRANSACTIONS

FOLDER = Path(__file__).parent.parent.parent.parent / "docs" / "reference"
SERVED = (
    "9001 9002 1101 2001 5301 5302 2201 2202 2203 2203A 2204 2205 2206 2206A 2207 "
    "2207A 2208 2101 2102 2103 2501 2502 2503 2504 2505 2506 2601 3201 3202 3203 3203A "
    "3204 3204A 3205A 3260 3261 3262 5201 5203 5204 5206 9101 9102"
)


def test_documents_are_fresh() -> None:
    """The committed documents are what the models say now."""
    for name, text in documents().items():
        assert (FOLDER / name).read_text("utf-8") == text, f"{name}: run make docs"


def test_every_transaction_of_the_contract_is_served() -> None:
    """Each number that the contract lists has its place in the table."""
    assert set(TRANSACTIONS) == set(SERVED.split())


@pytest.fixture(scope="module")
def openapi() -> Any:
    """The OpenAPI document as committed."""
    return json.loads((FOLDER / "gateway.openapi.json").read_text("utf-8"))


def test_every_schema_is_one(openapi: Any) -> None:
    """Each schema of the document is valid JSON Schema, and each reference leads on."""
    schemas = openapi["components"]["schemas"]
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    text = json.dumps(openapi)
    for part in text.split('"#/components/schemas/')[1:]:
        assert part.split('"')[0] in schemas


def test_every_field_has_its_chinese_name(openapi: Any) -> None:
    """Fields of nodes are titled in Chinese, as the standard names them."""
    for name, schema in openapi["components"]["schemas"].items():
        for field, property_ in schema.get("properties", {}).items():
            is_node = "$ref" in property_ or "$ref" in property_.get("items", {})
            assert is_node or not property_["title"].isascii(), f"{name}.{field}"
