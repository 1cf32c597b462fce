"""Every parameter that a pack may hold: its unit, and what it may vary by."""

from typing import Final, NamedTuple


class Parameter(NamedTuple):
    """A parameter's unit, its dimensions, and its name in Chinese."""

    unit: str
    by: tuple[str, ...]
    zh: str


PARAMETERS: Final[dict[str, Parameter]] = {
    "outpatient_deductible": Parameter("fen", (), "普通门诊起付线"),
    "outpatient_ratio": Parameter("rate", ("tier",), "普通门诊支付比例"),
    "outpatient_cap": Parameter("fen", ("age",), "普通门诊最高限额"),
    "chronic_ratio": Parameter("rate", ("group", "tier"), "门诊慢特病支付比例"),
    "inpatient_ratio": Parameter("rate", ("group", "tier"), "住院支付比例"),
    "inpatient_deductible": Parameter("fen", ("tier",), "住院起付线"),
    "large_sum_threshold": Parameter("fen", (), "大额医疗保险起付额"),
    "large_sum_ratio": Parameter("rate", (), "大额医疗保险支付比例"),
    "class_b_selfpay_prop": Parameter("rate", (), "乙类先行自付比例"),
    "temporary_filing_months": Parameter("months", (), "临时备案有效期"),
    "stay_extends_filing": Parameter("flag", (), "临时备案期满时仍住院的是否顺延"),
    "reverification_years": Parameter("years", (), "慢特病资格重新核验年限"),
    "interruption_years": Parameter("years", (), "慢特病中断治疗重新核验年限"),
    "upload_working_days": Parameter("workdays", (), "未直接结算费用的上传时限"),
    "flag_working_days": Parameter("workdays", (), "慢特病备案的标识时限"),
    "gap_refund_allowed": Parameter("flag", (), "是否允许隔笔退费"),
    "gap_refund_keeps_later": Parameter("flag", (), "隔笔退费是否保持后面各笔金额"),
    "refund_scope": Parameter("choice", (), "退费顺序范围"),
    "local_area": Parameter("text", (), "本地区划"),
    "chronic_diseases": Parameter("list", (), "门诊慢特病病种"),
    "local_disease_codes": Parameter("map", (), "本地病种与国家病种代码对照"),
    "cross_province_diseases": Parameter("list", (), "跨省直接结算病种"),
    "disease_items": Parameter("list", ("disease",), "病种所属医疗目录编码"),
    "disease_limits": Parameter("fen", ("disease",), "病种年度基金限额"),
    "filing_required": Parameter("flag", ("care",), "是否要求异地就医备案"),
    "filing_inpatient_reduction": Parameter(
        "rate", ("filing",), "住院支付比例按备案类型降低"
    ),
    "reduction_exempt_regions": Parameter("list", (), "转诊不降低住院支付比例的地区"),
    "employer_supplement_ratio": Parameter("rate", (), "企业补充医疗保险比例"),
}

SPLIT_TEXTS: Final = {
    "scope_rule": Parameter("text", (), "政策范围"),
    "price_limit_rule": Parameter("text", (), "限价"),
    "care_place_rule": Parameter("text", (), "就医地费用分割"),
    "claim_rule": Parameter("text", (), "手工报销的支付范围"),
    "account_rule": Parameter("text", (), "个人负担"),
}
"""Texts of the law that no number stands in, but that explain one."""

ALL: Final[dict[str, Parameter]] = {**PARAMETERS, **SPLIT_TEXTS}
