"""What everybody gets: one answer per request (`contracts.md` §4 and §5).

An answer says every amount, zeros included; what does not apply is left out.
"""

from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import (
    ConfigDict,
    Discriminator,
    Field,
    JsonValue,
    Tag,
    TypeAdapter,
    model_validator,
)

from jiesuan_events.clearing.answers import PrepaymentSaid, StatementsSaid
from jiesuan_events.entries.block import (
    Circumstances,
    Money,
    Named,
    SettlementId,
    SplitLine,
    Totals,
)
from jiesuan_events.entries.rules import EXPLAINED
from jiesuan_events.words.codes import RefusalCode, Severity
from jiesuan_events.words.fields import (
    Code,
    Contract,
    Digest,
    Id,
    Year,
)
from jiesuan_events.words.glossary import wire_name
from jiesuan_events.words.money import StrictFen

ANSWER_TYPE: Final = "jiesuan.answer.v1"
ANSWER_SOURCE: Final = "/jiesuan"


def _require_zeros(schema: dict[str, Any], model: type[Any]) -> None:
    """Say in the JSON Schema what `Complete` checks."""
    zeros = [
        wire_name(word)
        for word, field in model.model_fields.items()
        if field.default == 0
    ]
    required = schema.get("required", [])
    schema["required"] = required + [name for name in zeros if name not in required]
    for name in zeros:
        schema["properties"][name].pop("default", None)


class Complete(Contract):
    """A contract that says its zeros: no amount is left out."""

    model_config = ConfigDict(json_schema_extra=_require_zeros)

    @model_validator(mode="after")
    def _leaves_no_zero_out(self) -> Self:
        for word, field in type(self).model_fields.items():
            if field.default == 0 and word not in self.model_fields_set:
                raise ValueError(f"{wire_name(word)} is missing")
        return self


class AnsweredTotals(Complete, Totals):
    """A person's accumulators of one scheme and year, after the entry."""


class AnsweredLine(Complete, SplitLine):
    """One line of a bill after its split."""


class ExplainedStep(Contract):
    """One step of the computation: what it feeds, by which rule and article."""

    field: str
    rule: str
    article: str
    amount_in: StrictFen
    amount_out: StrictFen
    zh: str


class Computed(Complete, Circumstances, Money):
    """The money of a decision, under which law, line by line and step by step."""

    lines: list[AnsweredLine]
    steps: list[ExplainedStep]

    @model_validator(mode="after")
    def _steps_make_the_amounts(self) -> Self:
        sums: dict[str, int] = {}
        for step in self.steps:
            sums[step.field] = sums.get(step.field, 0) + step.amount_out
        said = {wire_name(word): getattr(self, word) for word in Money.model_fields}
        for name in dict.fromkeys((*sums, *map(wire_name, EXPLAINED))):
            if said.get(name) != sums.get(name, 0):
                raise ValueError(f"{name} is not the sum of its steps")
        return self


class AnsweredBlock(Named, Computed):
    """One settlement, or its mirror with negative amounts."""


class EntryPlace(Contract):
    """Where the entry stands; `try` has no log and says version and hash alone."""

    partition: Annotated[int, Field(strict=True, ge=0)] | None = None
    offset: Annotated[int, Field(strict=True, ge=0)] | None = None
    version: Annotated[int, Field(strict=True, ge=1)]
    hash: Digest


class Answered(Contract):
    """What every answer says of its request; null where it could not be read."""

    kind: ClassVar[str]

    request_source: str | None
    request_id: str | None
    request_type: str | None
    person_id: str | None


class RefusalSaid(Contract):
    """One reason to refuse, in a plain Chinese sentence that says what to do next."""

    code: RefusalCode
    message: str
    transient: bool
    details: dict[str, JsonValue]

    @model_validator(mode="after")
    def _transient_is_the_code_s(self) -> Self:
        if self.transient != self.code.is_transient:
            raise ValueError("transient follows from the code")
        return self


class AnsweredRefused(Answered):
    """The request was refused; the first reason is the one to act on."""

    kind = "refused"
    outcome: Literal["refused"]
    refusals: list[RefusalSaid] = Field(min_length=1)


class AnsweredRecorded(Answered):
    """A reference message was taken in."""

    kind = "recorded"
    outcome: Literal["recorded"]


class WarningSaid(Contract):
    """What would be found of a bill if it were settled; it refuses nothing."""

    rule: str
    other_settlement_id: SettlementId | None
    severity: Severity
    zh: str


class AnsweredQuoted(Answered, Computed):
    """What a settlement would come to now; nothing was entered."""

    kind = "quoted"
    outcome: Literal["quoted"]
    totals: AnsweredTotals
    warnings: list[WarningSaid] | None = None


class Entered(Answered):
    """The request was decided and entered in the ledger."""

    outcome: Literal["decided"]
    entry: EntryPlace


class AnsweredNoted(Entered):
    """An enrolment, qualification, filing or stay was entered: no money."""

    kind = "noted"


class AnsweredInpatient(Entered):
    """An inpatient settlement made elsewhere was counted."""

    kind = "inpatient"
    scheme: Code
    year: Year
    totals: AnsweredTotals


class AnsweredMoney(Entered, AnsweredBlock):
    """A settlement, claim or refund was entered."""

    kind = "money"
    totals: AnsweredTotals


class AnsweredReversal(AnsweredMoney):
    """A message of unknown outcome was undone."""

    kind = "reversal"
    compensated: Literal["reversed"]


class AnsweredNoReversal(Entered):
    """A message of unknown outcome needed no undoing; its name is barred."""

    kind = "no-reversal"
    compensated: Literal["nothing-to-reverse", "already-reversed"]


class Moved(Contract):
    """New − old of what each payer bears, in fen."""

    fund_pay_total: StrictFen
    pool_pay: StrictFen
    large_sum_pay: StrictFen
    person_burden: StrictFen
    account_pay: StrictFen
    cash_pay: StrictFen


class MovedSettlement(Moved):
    """What a gap refund moved for one settlement; the target is replaced by none."""

    settlement_id: SettlementId
    replaced_by: SettlementId | None
    institution_id: Id


class MovedInstitution(Moved):
    """What a gap refund moved for one institution."""

    institution_id: Id


class Difference(Contract):
    """What a gap refund moved: settlements in ledger order, the target first."""

    settlements: list[MovedSettlement] = Field(min_length=1)
    institutions: list[MovedInstitution] = Field(min_length=1)
    total: Moved

    @model_validator(mode="after")
    def _total_is_the_sum(self) -> Self:
        for word in Moved.model_fields:
            whole = getattr(self.total, word)
            for parts in (self.settlements, self.institutions):
                if whole != sum(getattr(part, word) for part in parts):
                    raise ValueError(f"total: {wire_name(word)} is not the sum")
        return self


class AnsweredGapRefund(Entered):
    """A settlement below later ones was taken back, and those were re-settled."""

    kind = "gap-refund"
    target_settlement_id: SettlementId
    visit_id: Id
    year: Year
    scheme: Code
    institution_id: Id
    reversed: list[AnsweredBlock] = Field(min_length=1)
    resettled: list[AnsweredBlock]
    totals: AnsweredTotals
    difference: Difference


class AnsweredStatements(Entered, StatementsSaid):
    """A request about a month was entered; these statements changed."""

    kind = "statements"


class AnsweredPrepayment(Entered, PrepaymentSaid):
    """A prepayment was set."""

    kind = "prepayment"


_BY_FIELD: Final = (
    ("statements", "statements"),
    ("prepayment", "prepayment"),
    ("difference", "gap-refund"),
    ("setl_id", "money"),
    ("compensated", "no-reversal"),
    ("cum", "inpatient"),
)


def _kind(data: Any) -> str:
    """Return the kind of an answer from what it says, as a reader would."""
    if isinstance(data, Answered):
        return data.kind
    if not isinstance(data, dict):
        return "noted"
    outcome = data.get("outcome")
    if outcome != "decided":
        return str(outcome)
    if "setl_id" in data and "compensated" in data:
        return "reversal"
    return next((kind for field, kind in _BY_FIELD if field in data), "noted")


AnswerData = Annotated[
    Annotated[AnsweredRefused, Tag("refused")]
    | Annotated[AnsweredRecorded, Tag("recorded")]
    | Annotated[AnsweredQuoted, Tag("quoted")]
    | Annotated[AnsweredMoney, Tag("money")]
    | Annotated[AnsweredReversal, Tag("reversal")]
    | Annotated[AnsweredNoReversal, Tag("no-reversal")]
    | Annotated[AnsweredGapRefund, Tag("gap-refund")]
    | Annotated[AnsweredInpatient, Tag("inpatient")]
    | Annotated[AnsweredStatements, Tag("statements")]
    | Annotated[AnsweredPrepayment, Tag("prepayment")]
    | Annotated[AnsweredNoted, Tag("noted")],
    Discriminator(_kind),
]

ANSWERED: Final[TypeAdapter[AnswerData]] = TypeAdapter(AnswerData)


class AnswerMessage(Contract):
    """An answer in structured mode: one JSON object a line."""

    spec_version: Literal["1.0"]
    type: Literal["jiesuan.answer.v1"]
    source: Literal["/jiesuan"]
    id: str | None
    subject: str | None
    time: str | None
    data: AnswerData


def read_answer(value: bytes) -> AnswerData:
    """Read the value of an answer's record; ValueError if it is not an answer."""
    return ANSWERED.validate_json(value)


def read_answer_line(line: str) -> AnswerMessage:
    """Read an answer from one line of JSONL; ValueError if it is not an answer."""
    return AnswerMessage.model_validate_json(line)
