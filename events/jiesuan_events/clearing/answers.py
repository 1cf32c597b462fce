"""What everybody gets of a month: the statements or the account that changed."""

from pydantic import Field

from jiesuan_events.clearing.requests import MAX_ROWS, RowCount
from jiesuan_events.clearing.rows import PrepaymentRow, StatementRow
from jiesuan_events.words.fields import Contract


class StatementsSaid(Contract):
    """The statements that a request changed, by id: how many, and the first rows."""

    statement_count: RowCount
    statements: list[StatementRow] = Field(max_length=MAX_ROWS)


class PrepaymentSaid(Contract):
    """The prepayment account that a request changed."""

    prepayment: PrepaymentRow
