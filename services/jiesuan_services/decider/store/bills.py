"""Bills as the store holds them: values without their names, a third of the bytes.

Of a settlement's fact the block is kept: what a refund or a re-settlement needs.
"""

from operator import attrgetter
from types import GenericAlias
from typing import Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import astuple

from jiesuan_domain.person.state import KeptSettlement
from jiesuan_ledger.parts.block import Block, SplitLine

_BLOCK: Final = Block.__struct_fields__
_AT_LINES: Final = _BLOCK.index("lines")
_block: Final = attrgetter(*_BLOCK)
_line: Final = attrgetter(*SplitLine.__struct_fields__)
_marks: Final = attrgetter("claimed_by", "is_refunded", "replaced_by", "particulars")

encode: Final = msgspec.msgpack.Encoder().encode


def _nameless(of: type[Struct], **instead: Any) -> Any:
    """Make the shape of a struct that is written as the list of its values."""
    fields = [
        (field.name, instead.get(field.name, field.type))
        for field in msgspec.structs.fields(of)
    ]
    return msgspec.defstruct(of.__name__, fields, array_like=True, gc=False)


_LINES: Final = GenericAlias(tuple, (_nameless(SplitLine), ...))
_SHAPE: Final = _nameless(KeptSettlement, block=_nameless(Block, lines=_LINES))
_decode: Final = msgspec.msgpack.Decoder(_SHAPE).decode


def pack_bill(bill: KeptSettlement) -> bytes:
    """Write a bill."""
    # A settlement's fact is a block and more: the block's fields come first.
    values = list(astuple(bill.block)[: len(_BLOCK)])
    values[_AT_LINES] = [astuple(line) for line in bill.block.lines]
    return encode((values, *_marks(bill)))


def unpack_bill(raw: bytes) -> KeptSettlement:
    """Read a bill: the same block, checked by its constructor again."""
    packed = _decode(raw)
    fields = dict(zip(_BLOCK, _block(packed.block), strict=True))
    fields["lines"] = tuple(SplitLine(*_line(line)) for line in fields["lines"])
    marks = packed.claimed_by, packed.is_refunded, packed.replaced_by, packed.besides
    return KeptSettlement(Block(**fields), *marks)
