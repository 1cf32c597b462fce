"""The code lists of the contracts, once each, with the Chinese of every code.

A list is a ``Literal``, so that a wrong code does not type-check, and a table of what
each code is called; that the two agree is asserted where they stand.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final, Literal, Self, get_args

CareType = Literal["11", "13", "14", "15", "21", "41"]
CARE_TYPES: Final[dict[str, str]] = {
    "11": "普通门诊",
    "13": "急诊",
    "14": "门诊慢特病",
    "15": "两病门诊用药",
    "21": "住院",
    "41": "药店购药",
}
"""med_type, and the base codes of clr_type."""
OUTPATIENT: Final = "11"
EMERGENCY: Final = "13"
CHRONIC: Final = "14"
TWO_DISEASES: Final = "15"
INPATIENT: Final = "21"
PHARMACY_PURCHASE: Final = "41"
ORDINARY: Final = frozenset((OUTPATIENT, EMERGENCY, PHARMACY_PURCHASE))
"""Care that counts towards the deductible and the caps of ordinary care."""
OF_A_DISEASE: Final = frozenset((CHRONIC, TWO_DISEASES))
"""Care of one disease, which its bill names."""
THE_TWO: Final = frozenset(("M03900", "M01600"))
"""“两病”: hypertension and diabetes, by their national codes (50号附件1)."""

AT_PHARMACIES: Final = frozenset((CHRONIC, PHARMACY_PURCHASE))
"""Care that a pharmacy settles; a hospital settles all but its purchases."""

SCHEMES: Final = {
    "310": "职工基本医疗保险",
    "390": "城乡居民基本医疗保险",
}
"""insutype, as far as packs exist; a region may configure others."""

PERSON_CATEGORIES: Final = {
    "11": "在职",
    "12": "退休",
    "13": "离休",
    "14": "未成年居民",
    "15": "成年居民",
    "16": "老年居民",
    "17": "城乡居民",
}
"""psn_type by its first two digits; what follows them is a province's own."""
RETIRED: Final = "12"

Sex = Literal["1", "2"]
SEXES: Final[dict[str, str]] = {"1": "男", "2": "女"}
"""gend, as far as an item may be for one alone."""

ENROLMENT_STATES: Final = {
    "0": "未参保",
    "1": "正常参保",
    "2": "暂停参保",
    "3": "无效",
    "4": "终止参保",
}
"""psn_insu_stas; what is neither normal nor suspended is not enrolled."""
NORMAL: Final = "1"
SUSPENDED: Final = "2"

InstitutionType = Literal["1", "2"]
INSTITUTION_TYPES: Final[dict[str, str]] = {
    "1": "定点医疗机构",
    "2": "定点零售药店",
}
"""fixmedins_type."""
PHARMACY: Final = "2"

InstitutionLevel = Literal["1", "2", "3", "4", "9"]
INSTITUTION_LEVELS: Final[dict[str, str]] = {
    "1": "一级及以下",
    "2": "二级",
    "3": "三级",
    "4": "其他",
    "9": "未定级",
}
"""dedc_hosp_lv as an institution is registered."""
BenefitLevel = Literal["1", "2", "3"]
BENEFIT_LEVELS: Final[dict[str, str]] = {
    "1": "一级及以下",
    "2": "二级",
    "3": "三级",
}
"""dedc_hosp_lv as a settlement counts it: 4, 9 and pharmacies count as 1 (A23)."""

Tier = Literal["primary", "secondary", "tertiary", "ministry"]
TIERS: Final[dict[str, str]] = {
    "primary": "一级及以下",
    "secondary": "二级",
    "tertiary": "三级",
    "ministry": "部属三级",
}
"""The levels by which benefits differ (67号第八、二十一条)."""

FilingType = Literal[
    "retired-settled",
    "long-term-resident",
    "posted",
    "referred",
    "emergency",
    "other-temporary",
]
FILING_TYPES: Final[dict[str, str]] = {
    "retired-settled": "异地安置退休",
    "long-term-resident": "异地长期居住",
    "posted": "常驻异地工作",
    "referred": "异地转诊",
    "emergency": "异地急诊",
    "other-temporary": "其他临时外出",
}
"""Why care in another region is filed (118号二)."""
REFERRED: Final = "referred"
OTHER_TEMPORARY: Final = "other-temporary"
TEMPORARY: Final = frozenset((REFERRED, "emergency", OTHER_TEMPORARY))

PaymentPlace = Literal["1", "2", "3", "4"]
PAYMENT_PLACES: Final[dict[str, str]] = {
    "1": "手工报销",
    "2": "本地",
    "3": "省内异地",
    "4": "跨省异地",
}
"""pay_loc."""
CLAIM_PLACE: Final = "1"

ItemClass = Literal["01", "02", "03"]
ITEM_CLASSES: Final[dict[str, str]] = {"01": "甲类", "02": "乙类", "03": "丙类"}
"""chrgitm_lv."""
CLASS_B: Final = "02"
EXCLUDED_CLASS: Final = "03"

Approval = Literal["0", "1", "2"]
APPROVALS: Final[dict[str, str]] = {
    "0": "无须审批",
    "1": "审批通过",
    "2": "审批不通过",
}
"""hosp_appr_flag."""
APPROVED: Final = "1"
DENIED: Final = "2"

COMPENSABLE: Final = {"2207": "门诊结算", "2102": "药店结算"}
"""oinfno: the transactions that 2601 undoes."""

StatementKind = Literal["institution", "region"]
STATEMENT_KINDS: Final[dict[StatementKind, str]] = {
    "institution": "机构月结",
    "region": "异地清算",
}
"""Whom a statement pays: an institution, or the care region."""
FineKind = Literal["administrative", "contractual"]
FINE_KINDS: Final[dict[FineKind, str]] = {
    "administrative": "行政处罚",
    "contractual": "协议违约金",
}
"""What an institution owes its care place beside its statements (118号 六(二))."""
ClearingState = Literal["00", "10", "20", "30", "40", "50", "60", "70"]
CLEARING_STATES: Final[dict[ClearingState, str]] = {
    "00": "已清分",
    "10": "已申报",
    "20": "已受理",
    "30": "审核中",
    "40": "审核完成",
    "50": "已清算",
    "60": "已拨付",
    "70": "已驳回",
}
"""clr_stas."""

Severity = Literal["violation", "suspicion"]
SEVERITIES: Final[dict[str, str]] = {"violation": "违规", "suspicion": "可疑"}
"""How sure a finding is: against a rule, or to be looked at by somebody."""

GROUPS: Final = {"active": "在职", "retired": "退休"}
CARES: Final = {
    "ordinary": "普通门诊",
    "chronic": "门诊慢特病",
    "two-disease": "两病门诊用药",
    "inpatient": "住院",
}
REFUND_SCOPES: Final = {
    "scheme-year": "同险种同年度",
    "institution": "同一机构",
    "care-type": "同一医疗类别",
}
"""What the values of a policy pack vary by, and what they choose between."""


def _assert_complete(codes: Any, named: dict[Any, str]) -> None:
    assert get_args(codes) == tuple(named), f"{codes} has codes without a name"


_assert_complete(CareType, CARE_TYPES)
_assert_complete(Sex, SEXES)
_assert_complete(Severity, SEVERITIES)
_assert_complete(InstitutionType, INSTITUTION_TYPES)
_assert_complete(InstitutionLevel, INSTITUTION_LEVELS)
_assert_complete(BenefitLevel, BENEFIT_LEVELS)
_assert_complete(Tier, TIERS)
_assert_complete(FilingType, FILING_TYPES)
_assert_complete(PaymentPlace, PAYMENT_PLACES)
_assert_complete(ItemClass, ITEM_CLASSES)
_assert_complete(Approval, APPROVALS)
_assert_complete(StatementKind, STATEMENT_KINDS)
_assert_complete(FineKind, FINE_KINDS)
_assert_complete(ClearingState, CLEARING_STATES)


class RefusalCode(StrEnum):
    """Why we say no, in the order in which it counts; the value is the wire code."""

    zh: str
    precedence: int

    def __new__(cls, code: str, zh: str) -> Self:
        """Make a code with its Chinese beside it."""
        made = str.__new__(cls, code)
        made._value_ = code
        made.zh = zh
        made.precedence = len(cls.__members__)
        return made

    MALFORMED = "malformed", "报文有误"
    DUPLICATE_DIFFERENT = "duplicate-different", "报文编号重复"
    COMPENSATED_BEFORE = "compensated-before", "报文已被冲正"
    UNKNOWN_INSTITUTION = "unknown-institution", "机构未登记"
    NOT_ENROLLED = "not-enrolled", "没有有效参保"
    ENROLMENT_SUSPENDED = "enrolment-suspended", "暂停参保"
    POLICY_NOT_IN_FORCE = "policy-not-in-force", "没有生效的待遇政策"
    MIXED_YEARS = "mixed-years", "费用跨年度"
    MIXED_DISEASES = "mixed-diseases", "费用跨病种"
    THIRD_PARTY_LIABLE = "third-party-liable", "由第三方负担"
    LINES_DO_NOT_ADD_UP = "lines-do-not-add-up", "金额不平"
    INPATIENT_STAY = "inpatient-stay", "住院期间"
    NOT_QUALIFIED = "not-qualified", "没有门诊慢特病资格"
    REVERIFICATION_REQUIRED = "reverification-required", "资格需重新核验"
    NO_FILING = "no-filing", "没有异地就医备案"
    DISEASE_NOT_IN_LIST = "disease-not-in-list", "病种不在范围内"
    INSTITUTION_NOT_OPENED = "institution-not-opened", "机构未开通"
    INSTITUTION_NOT_DESIGNATED = "institution-not-designated", "不是选定的机构"
    PRESCRIPTION_REQUIRED = "prescription-required", "没有处方"
    ALREADY_SETTLED = "already-settled", "已经结算"
    UNKNOWN_SETTLEMENT = "unknown-settlement", "没有这笔结算"
    NOT_YOUR_SETTLEMENT = "not-your-settlement", "不是本机构的结算"
    ALREADY_REFUNDED = "already-refunded", "已经退费"
    LATER_SETTLEMENTS_FIRST = "later-settlements-first", "应先退后面的结算"
    GAP_REFUND_NOT_ALLOWED = "gap-refund-not-allowed", "未开通隔笔退费"
    NOT_COMPENSABLE = "not-compensable", "不能冲正"
    UNKNOWN_ADMISSION = "unknown-admission", "没有入院登记"
    TOO_MANY_DESIGNATIONS = "too-many-designations", "选定的机构过多"
    TOO_LARGE = "too-large", "内容过大"
    LARGE_SUM_RATIO_NOT_CONFIGURED = (
        "large-sum-ratio-not-configured",
        "未配置大额支付比例",
    )
    MONTH_NOT_OVER = "month-not-over", "该月尚未结束"
    ALREADY_DRAWN = "already-drawn", "该月已清分"
    NOT_YET_READABLE = "not-yet-readable", "账本尚未读到"
    NOTHING_TO_DRAW = "nothing-to-draw", "没有待清分的结算"
    UNKNOWN_STATEMENT = "unknown-statement", "没有这张清算单"
    NOT_YOUR_STATEMENT = "not-your-statement", "不由贵方办理的清算单"
    UNKNOWN_CONFIRMATION = "unknown-confirmation", "没有这次确认"
    WRONG_STATE = "wrong-state", "清算状态不符"
    NOT_IN_STATEMENT = "not-in-statement", "不在该清算单中"
    CARRIED_TOO_LONG = "carried-too-long", "结转过久"
    AMOUNTS_DIFFER = "amounts-differ", "金额不一致"
    SUMS_DIFFER = "sums-differ", "申报合计不一致"
    DEDUCTION_TOO_LARGE = "deduction-too-large", "扣款过多"
    TOO_LATE = "too-late", "超过最迟申报日"
    NOT_THE_FULL_AMOUNT = "not-the-full-amount", "不是全额"

    @property
    def is_transient(self) -> bool:
        """Whether the same request may succeed later, unchanged."""
        return self in _TRANSIENT


_TRANSIENT: Final = frozenset(
    (
        RefusalCode.UNKNOWN_INSTITUTION,
        RefusalCode.POLICY_NOT_IN_FORCE,
        RefusalCode.LARGE_SUM_RATIO_NOT_CONFIGURED,
        RefusalCode.NOT_YET_READABLE,
    )
)


DISEASES: Final = {
    "M03900": "高血压",
    "M01600": "糖尿病",
    "M00500": "恶性肿瘤门诊治疗",
    "M07801": "慢性肾功能衰竭透析",
    "M08301": "肾移植抗排异治疗",
    "M08302": "骨髓移植抗排异治疗",
    "M08303": "心移植抗排异治疗",
    "M08304": "肝移植抗排异治疗",
    "M08305": "肺移植抗排异治疗",
    "M08306": "肝肾移植抗排异治疗",
    "M02101": "重性精神病人药物维持治疗",
    "M00105": "肺结核",
}
"""The names of chronic diseases: 50号附件1, and what the packs list besides."""


def name_of(code: str) -> str:
    """Return the name of a disease; one without a name is called by its code."""
    return DISEASES.get(code, code)


def with_name(code: str, names: Mapping[str, str]) -> str:
    """Return the name of a code with the code beside it, or a code without one alone.

    >>> with_name("310", SCHEMES)
    '职工基本医疗保险（310）'
    """
    name = names.get(code)
    return code if name is None else f"{name}（{code}）"
