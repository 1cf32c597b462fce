"""The row of 5204: a line's split, column for column, and where the line belongs."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pydantic import BaseModel, Field, create_model

from jiesuan_services.gateway.transactions.lines.splitting import SplitRow
from jiesuan_services.gateway.wire.payload import Output
from jiesuan_services.gateway.wire.values import MomentOut

_NUMBER: Final = ("feedetl_sn",)
_AMOUNTS: Final = (
    "det_item_fee_sumamt",
    "fulamt_ownpay_amt",
    "overlmt_amt",
    "preselfpay_amt",
    "inscp_scp_amt",
)
"""What the ledger knows of a line's split, too."""


class LinePlace(Output):
    """Where a line belongs, and what it is of."""

    mdtrt_id: str = Field(title="就诊ID")
    setl_id: str = Field(title="结算ID")
    med_list_codg: str = Field(title="医疗目录编码")


class LineUpload(Output):
    """What was uploaded with a line, besides what its split shows."""

    chrg_bchno: str | None = Field(default=None, title="收费批次号")
    medins_list_codg: str | None = Field(default=None, title="医药机构目录编码")
    fee_ocur_time: MomentOut | None = Field(default=None, title="费用发生时间")
    rxno: str | None = Field(default=None, title="处方号")


def _columns(model: type[BaseModel], names: Iterable[str]) -> dict[str, Any]:
    """Return columns of a model as they stand there."""
    fields = ((name, model.model_fields[name]) for name in names)
    return {name: (field.rebuild_annotation(), field) for name, field in fields}


def _where_known(names: Iterable[str]) -> dict[str, Any]:
    """Return columns of a split that are left out where nobody knows them.

    A text that says nothing where it is empty says nothing of any line.
    """
    fields = ((name, SplitRow.model_fields[name]) for name in names)
    return {
        name: (field.rebuild_annotation(), field)
        if field.default == ""
        else (field.rebuild_annotation() | None, Field(default=None, title=field.title))
        for name, field in fields
    }


_ALWAYS: Final = (*_NUMBER, *_AMOUNTS)
_FeeColumns: Any = create_model(
    "_FeeColumns",
    __base__=Output,
    **_columns(SplitRow, _NUMBER),
    **_columns(LinePlace, LinePlace.model_fields),
    **_columns(SplitRow, _AMOUNTS),
    **_columns(LineUpload, LineUpload.model_fields),
    **_where_known(one for one in SplitRow.model_fields if one not in _ALWAYS),
)


class FeeRow(_FeeColumns):
    """A line and its split, and where it belongs.

    What may be left out is known of what the counter keeps, not of the ledger's lines.
    """

    @classmethod
    def of(cls, columns: Mapping[str, Any]) -> "FeeRow":
        """Return the row of these columns; a name that is none fails."""
        return cls.model_validate(columns)
