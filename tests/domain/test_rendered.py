"""An answer says every field of a block, a line and the totals under its own name."""

from datetime import date
from typing import Final

from msgspec import Struct
from msgspec.structs import asdict, force_setattr

from jiesuan_domain.answer.render import render
from jiesuan_domain.answer.rendered import RenderedPlace
from jiesuan_domain.policy.model import Packs
from jiesuan_ledger.parts.block import Block, PolicyRef, SplitLine, Totals

HEAD: Final = ("source", "id", "type", "person", "decided", RenderedPlace(1, 2, 3, ""))
BESIDES: Final = {"tier", "age", "filing_type", "account_balance", "steps", "lines"}
"""What a block keeps for its explanation, and what is rendered row by row."""


def numbered(said: Struct) -> None:
    """Set every amount to another value, and every word to its own name."""
    for place, (name, value) in enumerate(asdict(said).items()):
        if value is None or isinstance(value, str):
            force_setattr(said, name, name)
        elif isinstance(value, int):
            force_setattr(said, name, place)


def a_block() -> Block:
    """Return a block no two of whose fields are alike; its money does not add up."""
    words = ["?"] * Block.__struct_fields__.index("service_day")
    policy = PolicyRef("pack", "sha256")
    line = SplitLine("?", "?")
    block = Block(*words, date(2026, 1, 5), policy, "?", 0, (line,), ())  # type: ignore[arg-type]
    numbered(block)
    numbered(line)
    return block


def test_a_block_is_rendered_under_its_own_names() -> None:
    """No field of a settlement, of its line or of the totals stands for another."""
    block, totals = a_block(), Totals()
    numbered(totals)
    rendered = render(block, Packs({}), head=HEAD, totals=totals)
    for name in set(Block.__struct_fields__) - BESIDES:
        assert getattr(rendered, name) == getattr(block, name), name
    (line,), (of,) = rendered.lines, block.lines
    assert asdict(line) == asdict(of)
    assert isinstance(rendered.totals, Struct)
    assert asdict(rendered.totals) == asdict(totals)
    names = ("request_source", "request_id", "request_type", "person_id", "outcome")
    assert tuple(getattr(rendered, name) for name in (*names, "entry")) == HEAD
