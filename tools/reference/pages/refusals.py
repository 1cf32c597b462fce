"""`docs/reference/refusals.md`: every code, with a sentence that was really said."""

import json
from typing import Any, Final

from tools.reference import exists
from tools.reference.text import page, table

from jiesuan_events.words.codes import RefusalCode
from jiesuan_services.clerk.trial import Trial
from jiesuan_services.runtime.packs import load_packs

EXAMPLES: Final = exists.ROOT / "examples" / "refusals.jsonl"
PACKS: Final = exists.ROOT / "examples" / "refusals.packs"


WITHOUT: Final = {
    "not-yet-readable": "given on Kafka alone: in memory a draw reads all there is",
    "too-large": "a gap refund over 55 bills of 1,000 lines: no file of examples",
}
"""Codes that a file of requests cannot come to, and why."""


def examples() -> dict[str, dict[str, Any]]:
    """Return the first refusal of each code that the examples come to."""
    found: dict[str, dict[str, Any]] = {}
    lines = EXAMPLES.read_text("utf-8").splitlines()
    for answer in Trial(load_packs(PACKS)).answers(lines):
        for refusal in json.loads(answer)["data"].get("refusals", ()):
            found.setdefault(refusal["code"], refusal)
    return found


def render() -> str:
    """Return the page."""
    said = examples()
    rows = [
        (
            f"`{code.value}`",
            code.zh,
            "yes" if code.is_transient else "",
            said[code.value]["message"]
            if code.value in said
            else WITHOUT.get(code.value, ""),
            _details(said[code.value]) if code.value in said else "",
        )
        for code in RefusalCode
    ]
    return page(
        "Refusals",
        "In the order in which they count: of several reasons the first is the one to "
        "act on. *Later* means that the same request may succeed later, unchanged. "
        "When each is given: [contracts §4](../contracts.md). What follows was said "
        "to `examples/refusals.jsonl`:",
        "```console\n$ jiesuan try --packs examples/refusals.packs "
        "< examples/refusals.jsonl\n```",
        table(("code", "中文", "later", "sentence, for example", "details"), rows),
        "How to add one: [contributing](../guides/contributing.md).",
    )


def _details(refusal: dict[str, Any]) -> str:
    text = json.dumps(refusal["details"], ensure_ascii=False)
    return f"`{text}`" if refusal["details"] else ""
