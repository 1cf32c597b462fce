"""What vendors read is what the table of transactions says."""

import ast
import importlib
import inspect
import json
import pkgutil
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from jiesuan_events.clearing.requests import CLEARING_REQUEST_TYPES
from jiesuan_events.requests import REQUEST_TYPES
from jiesuan_events.words.codes import RefusalCode
from jiesuan_services.clerk.trial import Trial
from jiesuan_services.gateway import transactions
from jiesuan_services.gateway.documents.files import documents
from jiesuan_services.gateway.documents.pages import page
from jiesuan_services.gateway.documents.refusals import codes_of, sentences
from jiesuan_services.gateway.public.routes import PublicRoutes
from jiesuan_services.gateway.serving.app import PATHS
from jiesuan_services.gateway.transactions.settling.bill import NO_LINES
from jiesuan_services.gateway.transactions.table import TRANSACTIONS
from jiesuan_services.gateway.wire.values import FORMS
from jiesuan_services.runtime.packs import load_packs

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "docs" / "reference"
EXAMPLES = ROOT / "examples" / "refusals.jsonl"
NAME = transactions.__name__
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


def values_of(node: Any, key: str) -> Iterator[Any]:
    """Return what stands under a key, however deep."""
    if isinstance(node, dict):
        if key in node:
            yield node[key]
        node = list(node.values())
    for one in node if isinstance(node, list) else ():
        yield from values_of(one, key)


def test_every_pattern_of_a_text_is_in_the_document(openapi: Any) -> None:
    """What the counter holds a text to, vendors read; a month may have its dash."""
    told = set(values_of(openapi["components"], "pattern"))
    told |= {one.replace("-?", "") for one in told}
    assert set(FORMS) - told == set()


def fields_asked(openapi: Any, node: Any) -> Iterator[tuple[str, Any]]:
    """Return the fields that must be there below a schema."""
    for ref in values_of(node, "$ref"):
        name = ref.rpartition("/")[2]
        schema = openapi["components"]["schemas"][name]
        for field in schema.get("required", ()):
            yield f"{name}.{field}", schema["properties"][field]
        yield from fields_asked(openapi, schema["properties"])


def test_no_text_that_must_be_there_may_be_empty(openapi: Any) -> None:
    """The counter takes an empty text for none, and the document allows none there."""
    asked = dict(
        field
        for body in values_of(openapi["paths"], "requestBody")
        for field in fields_asked(openapi, body)
    )
    texts = {
        name: one for name, one in asked.items() if "string" in one.get("type", ())
    }
    assert len(texts) > 50
    for name, schema in texts.items():
        assert not Draft202012Validator(schema).is_valid(""), name


def raised(module: ModuleType) -> Iterator[str]:
    """Return the sentences that a module refuses with, each the value of its name."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if not isinstance(node, ast.Raise) or not isinstance(node.exc, ast.Call):
            continue
        names = [one.id for one in ast.walk(node.exc) if isinstance(one, ast.Name)]
        text = vars(module).get(names[1]) if len(names) > 1 else None
        if isinstance(text, str):
            yield text


def test_no_sentence_of_a_transaction_is_missing() -> None:
    """Whatever a module of the transactions refuses with is on the page of one."""
    listed = "\n".join(one for each in TRANSACTIONS.values() for one in sentences(each))
    count = 0
    for found in pkgutil.walk_packages(transactions.__path__, f"{NAME}."):
        for text in raised(importlib.import_module(found.name)):
            count += 1
            for part in re.split(r"\{[^{}]*\}", text):
                assert part in listed, (found.name, text)
    assert count > 30


def section(infno: str) -> str:
    """Return what the page says of a transaction."""
    return page().partition(f"\n## {infno} ")[2].partition("\n## ")[0]


def test_refusals_stand_with_the_transactions_that_give_them() -> None:
    """A sentence of another step, a code of another request is not listed."""
    assert f"- {NO_LINES.format('…')}\n" in section("2207")
    assert NO_LINES.format("…") not in section("2208")
    assert "`later-settlements-first`" in section("2208")
    assert "`later-settlements-first`" not in section("2207")
    assert "仅限定点零售药店使用" in section("2102")
    assert "Refused for nothing of its own." in section("9002")


def test_whatever_the_ledger_says_is_listed_for_its_request() -> None:
    """No example, of the bills or of the months, is refused with another code."""
    seen: Counter[str] = Counter()
    lines = EXAMPLES.read_text("utf-8").splitlines()
    for answer in Trial(load_packs(EXAMPLES.with_suffix(".packs"))).answers(lines):
        said = json.loads(answer)["data"]
        type_ = said["request_type"]
        if type_ in REQUEST_TYPES or type_ in CLEARING_REQUEST_TYPES:
            for one in said.get("refusals", ()):
                seen[type_] += 1
                assert RefusalCode(one["code"]) in codes_of(type_), said
    assert len(seen) > 10


def test_every_get_that_is_served_is_described(openapi: Any) -> None:
    """The public's queries, health and the download have their place in OpenAPI."""
    served = {one.path for one in PublicRoutes(None).routes()}  # type: ignore[arg-type]
    described = {path for path, one in openapi["paths"].items() if "get" in one}
    assert described == served | {"/health", PATHS[1]}
