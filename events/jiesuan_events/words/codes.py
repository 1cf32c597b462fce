"""The code lists of the contracts, once each, with the Chinese of every code.

A list is a ``Literal``, so that a wrong code does not type-check, and a table of what
each code is called; that the two agree is asserted where they stand.
"""

from enum import StrEnum
from typing import Any, Final, Literal, Self, get_args

CareType = Literal["11", "13", "14", "21", "41"]
CARE_TYPES: Final[dict[str, str]] = {
    "11": "普通门诊",
    "13": "急诊",
    "14": "门诊慢特病",
    "21": "住院",
    "41": "药店购药",
}
"""med_type, and the base codes of clr_type."""
OUTPATIENT: Final = "11"
EMERGENCY: Final = "13"
CHRONIC: Final = "14"
INPATIENT: Final = "21"
PHARMACY_PURCHASE: Final = "41"
ORDINARY: Final = frozenset((OUTPATIENT, EMERGENCY, PHARMACY_PURCHASE))
"""Care that counts towards the deductible and the caps of ordinary care."""

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

GROUPS: Final = {"active": "在职", "retired": "退休"}
CARES: Final = {"ordinary": "普通门诊", "chronic": "门诊慢特病", "inpatient": "住院"}
REFUND_SCOPES: Final = {
    "scheme-year": "同险种同年度",
    "institution": "同一机构",
    "care-type": "同一医疗类别",
}
"""What the values of a policy pack vary by, and what they choose between."""


def _assert_complete(codes: Any, named: dict[Any, str]) -> None:
    assert get_args(codes) == tuple(named), f"{codes} has codes without a name"


_assert_complete(CareType, CARE_TYPES)
_assert_complete(InstitutionType, INSTITUTION_TYPES)
_assert_complete(InstitutionLevel, INSTITUTION_LEVELS)
_assert_complete(BenefitLevel, BENEFIT_LEVELS)
_assert_complete(Tier, TIERS)
_assert_complete(FilingType, FILING_TYPES)
_assert_complete(PaymentPlace, PAYMENT_PLACES)
_assert_complete(ItemClass, ITEM_CLASSES)
_assert_complete(Approval, APPROVALS)


class RefusalCode(StrEnum):
    """Why we say no, in the order in which it counts; the value is the wire code."""

    zh: str
    precedence: int

    def __new__(cls, code: str, zh: str) -> Self:
        """Keep what a code is called beside it."""
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
    LINES_DO_NOT_ADD_UP = "lines-do-not-add-up", "金额不平"
    INPATIENT_STAY = "inpatient-stay", "住院期间"
    NOT_QUALIFIED = "not-qualified", "没有门诊慢特病资格"
    REVERIFICATION_REQUIRED = "reverification-required", "资格需重新核验"
    NO_FILING = "no-filing", "没有异地就医备案"
    DISEASE_NOT_IN_LIST = "disease-not-in-list", "病种不在范围内"
    INSTITUTION_NOT_OPENED = "institution-not-opened", "机构未开通"
    PRESCRIPTION_REQUIRED = "prescription-required", "没有处方"
    UNKNOWN_SETTLEMENT = "unknown-settlement", "没有这笔结算"
    NOT_YOUR_SETTLEMENT = "not-your-settlement", "不是本机构的结算"
    ALREADY_REFUNDED = "already-refunded", "已经退费"
    LATER_SETTLEMENTS_FIRST = "later-settlements-first", "应先退后面的结算"
    GAP_REFUND_NOT_ALLOWED = "gap-refund-not-allowed", "未开通隔笔退费"
    NOT_COMPENSABLE = "not-compensable", "不能冲正"
    UNKNOWN_ADMISSION = "unknown-admission", "没有入院登记"
    LARGE_SUM_RATIO_NOT_CONFIGURED = (
        "large-sum-ratio-not-configured",
        "未配置大额支付比例",
    )

    @property
    def is_transient(self) -> bool:
        """Whether the same request may succeed later, unchanged."""
        return self in _TRANSIENT


_TRANSIENT: Final = frozenset(
    (
        RefusalCode.UNKNOWN_INSTITUTION,
        RefusalCode.POLICY_NOT_IN_FORCE,
        RefusalCode.LARGE_SUM_RATIO_NOT_CONFIGURED,
    )
)
