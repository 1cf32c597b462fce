"""A policy pack: dated values of parameters, each with its source, for one region."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from msgspec import Struct

from jiesuan_domain.policy.because import Because
from jiesuan_domain.policy.telling.sentences import Sentence, sentences_of_day
from jiesuan_domain.policy.units import ClearingStep
from jiesuan_events.words.codes import REFERRED

NATIONAL: Final = "000000-national"
"""The pack whose values hold in every region that says nothing else."""


class Value(Struct, frozen=True):
    """One value from a day on; it holds until the next one, or until ``last``."""

    begin: date
    last: date | None
    value: Any
    because: Because
    corrects: str | None = None


class Dated(Struct, frozen=True):
    """One parameter's values in the order of their days."""

    name: str
    unit: str
    by: tuple[str, ...]
    zh: str
    values: tuple[Value, ...]
    checked_on: date | None = None

    def on(self, day: date) -> Value | None:
        """Return the one value in force on a day, or None."""
        for value in reversed(self.values):
            if value.begin <= day:
                return value if value.last is None or day <= value.last else None
        return None


class Rules(Struct, frozen=True):
    """All parameters of one pack as they hold on one day; absent is None.

    Amounts in fen, ratios in ten-thousandths.
    """

    pack: str
    sha256: str
    missing: frozenset[str]
    sources: Mapping[str, Because]
    sentences: Mapping[str, Sentence] = {}
    outpatient_deductible: int | None = None
    outpatient_ratio: Mapping[str, int] | None = None
    outpatient_cap: tuple[tuple[int | None, int], ...] | None = None
    chronic_ratio: Mapping[str, Mapping[str, int]] | None = None
    inpatient_ratio: Mapping[str, Mapping[str, int]] | None = None
    inpatient_deductible: Mapping[str, int] | None = None
    large_sum_threshold: int | None = None
    large_sum_ratio: int | None = None
    class_b_selfpay_prop: int | None = None
    temporary_filing_months: int | None = None
    stay_extends_filing: bool = False
    gap_refund_allowed: bool | None = None
    gap_refund_keeps_later: bool = False
    refund_scope: str | None = None
    local_area: str | None = None
    chronic_diseases: frozenset[str] | None = None
    national_codes: Mapping[str, str] = {}
    cross_province_diseases: frozenset[str] = frozenset()
    disease_items: Mapping[str, frozenset[str]] | None = None
    disease_limits: Mapping[str, int] | None = None
    two_disease_ratio: Mapping[str, int] | None = None
    two_disease_limits: Mapping[str, int] | None = None
    filing_required: Mapping[str, bool] | None = None
    referral_institutions: frozenset[str] | None = None
    designation_required: Mapping[str, bool] | None = None
    designation_limit: Mapping[str, int] | None = None
    filing_inpatient_reduction: Mapping[str, int] | None = None
    reduction_exempt_regions: frozenset[str] = frozenset()
    employer_supplement_ratio: int | None = None
    reverification_years: int | None = None
    interruption_years: int | None = None
    upload_working_days: int | None = None
    flag_working_days: int | None = None
    clearing_declare_day: int | None = None
    clearing_delay_months: int | None = None
    clearing_close_months: int | None = None
    clearing_redeclare_days: int | None = None
    clearing_recording_days: int | None = None
    clearing_step_draw: ClearingStep | None = None
    clearing_step_confirm: ClearingStep | None = None
    clearing_step_unconfirm: ClearingStep | None = None
    clearing_step_declare: ClearingStep | None = None
    clearing_step_withdraw: ClearingStep | None = None
    clearing_step_accept: ClearingStep | None = None
    clearing_step_audit: ClearingStep | None = None
    clearing_step_finish_audit: ClearingStep | None = None
    clearing_step_clear: ClearingStep | None = None
    clearing_step_pay: ClearingStep | None = None
    clearing_step_reject: ClearingStep | None = None
    clearing_step_fine: ClearingStep | None = None
    prepay_months: int | None = None
    prepay_warn_ratio: int | None = None
    annual_fund_budget: int | None = None

    def because(self, parameter: str) -> Because | None:
        """Return the source of a parameter's value on this day."""
        return self.sources.get(parameter)

    def inpatient_reduction(self, filing: str, region: str) -> int:
        """Return the points off the inpatient ratio for a filing type and place."""
        exempt = filing == REFERRED and any(
            region.startswith(prefix) for prefix in self.reduction_exempt_regions
        )
        if exempt or self.filing_inpatient_reduction is None:
            return 0
        return self.filing_inpatient_reduction.get(filing, 0)


class Pack:
    """One region and scheme; ``on`` gives what holds on a day, resolved once.

    ``first_day`` is the first on which any parameter has a value, ``last_day`` the last
    on which a value is claimed, None where there is no end. ``replaced`` are the
    parameters as they were before an overlay was laid over them, ``sentences`` what is
    said of each step of a computation. ``national`` are the parameters of the national
    pack: one holds where the region has none of its name.
    """

    def __init__(
        self,
        id_: str,
        *,
        title: str,
        parameters: Mapping[str, Dated],
        sentences: Mapping[str, str],
        replaced: Sequence[Dated],
        national: Mapping[str, Dated],
        sha256: str,
        text: bytes,
    ) -> None:
        self.id = id_
        self.title = title
        self.parameters = dict(parameters)
        self.sentences = dict(sentences)
        self.replaced = tuple(replaced)
        self.sha256 = sha256
        self.canonical = text
        self._national = dict(national)
        self._changes = sorted(
            {*self.change_days(), *_change_days(self._national.values())}
        )
        self.first_day = min(value.begin for value in self._values())
        self.last_day = self._last_day()
        self._rules: dict[int, Rules] = {}

    def _last_day(self) -> date | None:
        ends = [dated.values[-1].last for dated in self.parameters.values()]
        known = [end for end in ends if end is not None]
        return max(known) if known and len(known) == len(ends) else None

    def _values(self) -> list[Value]:
        return [value for dated in self.parameters.values() for value in dated.values]

    def on(self, day: date) -> Rules:
        """Resolve every parameter for a day; a day without a value is named missing."""
        period = bisect_right(self._changes, day)
        known = self._rules.get(period)
        if known is None:
            known = self._rules[period] = self._resolve(day)
        return known

    def _resolve(self, day: date) -> Rules:
        values: dict[str, Any] = {}
        sources: dict[str, Because] = {}
        missing: set[str] = set()
        for name, dated in (*self.parameters.items(), *self._national.items()):
            value = dated.on(day)
            if value is None:
                missing.add(name)
                continue
            sources[name] = value.because
            field = "national_codes" if name == "local_disease_codes" else name
            if field in Rules.__struct_fields__:
                values[field] = value.value
        return Rules(
            pack=self.id,
            sha256=self.sha256,
            missing=frozenset(missing),
            sources=sources,
            sentences=sentences_of_day(self.sentences, values, sources=sources),
            **values,
        )

    def change_days(self) -> list[date]:
        """Return the days on which some value begins or has just ended."""
        return _change_days(self.parameters.values())


def _change_days(parameters: Iterable[Dated]) -> list[date]:
    values = [value for dated in parameters for value in dated.values]
    days = {value.begin for value in values}
    days |= {
        value.last + timedelta(days=1) for value in values if value.last is not None
    }
    return sorted(days)


class Packs:
    """The packs in force, found by region and scheme or by their digest.

    ``sentences`` are what every pack says of the steps, unless it says its own.
    """

    def __init__(
        self, packs: Mapping[str, Pack], *, sentences: Mapping[str, str] = {}
    ) -> None:
        self._packs = dict(packs)
        self._sentences = dict(sentences)
        self._by_sha = {pack.sha256: pack for pack in packs.values()}

    def find(self, region: str, scheme: str) -> Pack | None:
        """Find the pack of a region of enrolment and a scheme."""
        return self._packs.get(f"{region}-{scheme}")

    def ids(self) -> list[str]:
        """List the names of the regions' packs."""
        return sorted(self._packs.keys() - {NATIONAL})

    def by_sha(self, sha256: str) -> Pack | None:
        """Find a pack, of today or archived, by the digest that a decision names."""
        return self._by_sha.get(sha256)

    def archive(self, pack: Pack) -> None:
        """Keep an earlier pack, so that what it decided can be explained for ever.

        One from before packs had sentences says what every pack says.
        """
        pack.sentences = pack.sentences or self._sentences
        self._by_sha.setdefault(pack.sha256, pack)
