"""Messages made from the OpenAPI document: each is served or refused in a sentence."""

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)
from tests.connected.counter.conftest import FAULTS, HOSPITAL, PHARMACY, Site

from jiesuan_services.gateway.access.limits import TOO_OFTEN
from jiesuan_services.gateway.serving.app import PATHS
from jiesuan_services.gateway.transactions.table import TRANSACTIONS

pytestmark = pytest.mark.connected
DOCUMENT = Path(__file__).parents[3] / "docs" / "reference" / "gateway.openapi.json"
LEAST = 5_000
EXAMPLES = int(os.environ.get("JIESUAN_SCHEMATHESIS", "3"))
"""Of each operation by chance; `make schemathesis` makes 130, nearly 6,000 in all. One
costs as much to make as thirty of those that go through the document."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    allow_header_conformance,
    unsupported_method,
]
OUR_FAULT = "平台处理出错"
AT_BOUND = 100
"""Names are made so long where it is their length that matters."""


class Link(requests.Session):
    """A connection that stays open, and counts what is sent over it."""

    sent = 0
    trust_env = False

    def send(self, *args: Any, **kwargs: Any) -> requests.Response:
        """Send one request, or one once more because the connection had ended."""
        self.sent += 1
        return super().send(*args, **kwargs)


class Asker:
    """Sends cases over a few connections, and looks at what comes back."""

    def __init__(self, site: Site, links: Sequence[Link]) -> None:
        self._tokens = {
            code: site.till(code=code).log_in() for code in (HOSPITAL, PHARMACY)
        }
        document = json.loads(DOCUMENT.read_text("utf-8"))
        # Invented credentials would end every message at the door.
        document.pop("security")
        self.schema = schemathesis.openapi.from_dict(document)
        self.schema.config.update(base_url=f"http://{site.till().address}")
        self._links = links
        self._free: SimpleQueue[Link] = SimpleQueue()
        for link in links:
            self._free.put(link)
        self._log = site.folder / "gateway-a.log"
        self._said_before = self._log.stat().st_size
        self.cases = 0
        self.messages: set[tuple[str, str]] = set()
        """What was sent to a transaction, before each was given a name of its own."""
        self.replies: Counter[str] = Counter()
        self.sentences: set[str] = set()

    def ask(self, cases: Iterable[Any]) -> None:
        """Send cases, a few at once, and check each reply."""
        with ThreadPoolExecutor(len(self._links)) as pool:
            for case, reply in pool.map(self._reply, map(self._addressed, cases)):
                self._check(case, reply)

    def _addressed(self, case: Any) -> Any:
        """Fill in whose message it is, wherever it has some text for it.

        Another's name would be refused before anything else is looked at, and a name
        that came before be answered with what was said then.
        """
        self.cases += 1
        infno = infno_of(case)
        if infno in TRANSACTIONS and case.method == "POST":
            told = json.dumps([case.headers, case.body], default=repr)
            self.messages.add((infno, told))
        if infno in TRANSACTIONS and isinstance(case.body, dict):
            own = {"infno": infno, "fixmedins_code": sender_of(infno)}
            own["msgid"] = f"S{self.cases}"
            # What is not replaced may belong to the cases that follow, too.
            case.body = {
                field: own.get(field, said) if is_some(said) else said
                for field, said in case.body.items()
            }
        return case

    def _reply(self, case: Any) -> tuple[Any, Any]:
        infno, headers = infno_of(case), {}
        if infno != "token":
            headers["Authorization"] = f"Bearer {self._tokens[sender_of(infno)]}"
        link = self._free.get()
        try:
            return case, case.call(headers=headers, session=link)
        finally:
            self._free.put(link)

    def _check(self, case: Any, reply: Any) -> None:
        """Check a reply against the document, and what it says."""
        # A message may be posted where the document has a query: it says what it is.
        unchecked = [unsupported_method] if case.path in PATHS else []
        case.validate_response(reply, checks=CHECKS, excluded_checks=unchecked)
        kind = reply.headers["content-type"][0].partition(";")[0]
        said = json.loads(reply.content) if kind == "application/json" else {}
        self.replies[f"{reply.status_code} {said.get('infcode', kind)}"] += 1
        if "infcode" in said:
            sentence = said["err_msg"]
            assert (sentence == "") == (said["infcode"] == "0")
            assert len(sentence) <= 200
            assert OUR_FAULT not in sentence
            assert sentence != TOO_OFTEN
            self.sentences.add(sentence)

    def check(self) -> None:
        """Check that each case was sent once, and nothing went wrong on the way."""
        assert sum(link.sent for link in self._links) == self.cases
        said = self._log.read_bytes()[self._said_before :].decode()
        assert [one for one in FAULTS if one in said] == []


def is_some(said: Any) -> bool:
    """Whether a value is a text, and its length not what it was made for."""
    return isinstance(said, str) and 0 < len(said) < AT_BOUND


def infno_of(case: Any) -> str:
    """Return the last element of a case's path: which transaction it is, if any."""
    infno: str = case.path.rpartition("/")[2]
    return infno


def sender_of(infno: str) -> str:
    """Return an institution that may send a transaction."""
    known = TRANSACTIONS.get(infno)
    return HOSPITAL if known is None or "1" in known.who else PHARMACY


@pytest.fixture
def asker(site: Site) -> Iterator[Asker]:
    """Who asks over four connections."""
    with ExitStack() as stack:
        yield Asker(site, [stack.enter_context(Link()) for _ in range(4)])


def by_keyword(asker: Asker) -> Iterator[Any]:
    """Make a case of each bound in the document: just within, and just beyond it."""
    for found in asker.schema.get_all_operations():
        operation = found.ok()
        yield from asker.schema.iter_coverage_cases(
            operation,
            generation_modes=list(GenerationMode),
            generation_config=asker.schema.config.generation_for(
                operation=operation, phase="coverage"
            ),
        )


def test_every_bound_of_the_document_is_answered(
    asker: Asker, figures: list[str]
) -> None:
    """5,000 different messages, each at a bound of the document or beyond one, get a
    reply that it describes: no 5xx, no fault of ours, no silence."""
    asker.ask(by_keyword(asker))
    asker.check()
    assert len(asker.messages) >= LEAST
    figures.append(
        f"schemathesis, by keyword: {asker.cases} cases, {len(asker.messages)} "
        f"different messages, {len(asker.sentences)} sentences, {dict(asker.replies)}"
    )


def test_what_the_document_allows_is_answered(asker: Asker, figures: list[str]) -> None:
    """Messages made by chance get a reply that the document describes, too."""
    for found in asker.schema.get_all_operations():

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=found.ok().as_strategy())
        def once(case: Any) -> None:
            asker.ask([case])

        once()
    asker.check()
    assert asker.cases >= EXAMPLES * len(TRANSACTIONS)
    assert asker.replies["200 0"] > 0
    figures.append(
        f"schemathesis, by chance: {asker.cases} cases, {len(asker.messages)} "
        f"different messages, {dict(asker.replies)}"
    )
