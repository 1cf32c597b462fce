"""Every parameter that a pack may hold: its unit, and what it may vary by."""

from typing import Final, NamedTuple


class Parameter(NamedTuple):
    """A parameter's unit, its dimensions, and its name in Chinese."""

    unit: str
    by: tuple[str, ...]
    zh: str


CLEARING_STEPS: Final = {
    "clearing_step_draw": "清分",
    "clearing_step_confirm": "明细确认",
    "clearing_step_unconfirm": "明细确认撤销",
    "clearing_step_declare": "申报",
    "clearing_step_withdraw": "申报撤回",
    "clearing_step_accept": "受理",
    "clearing_step_audit": "审核",
    "clearing_step_finish_audit": "审核完成",
    "clearing_step_clear": "清算",
    "clearing_step_pay": "拨付",
    "clearing_step_reject": "驳回",
    "clearing_step_fine": "处罚入账",
}
"""The requests about statements: in which states each may come, and where it leads."""

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
    "two_disease_ratio": Parameter("rate", ("tier",), "“两病”门诊用药支付比例"),
    "two_disease_limits": Parameter("fen", ("disease",), "“两病”门诊用药年度基金限额"),
    "filing_required": Parameter("flag", ("care",), "是否要求异地就医备案"),
    "referral_institutions": Parameter("list", (), "可以开具转诊证明的医疗机构"),
    "designation_required": Parameter("flag", ("care",), "是否要求选定定点机构"),
    "designation_limit": Parameter("count", ("care",), "最多选定的定点机构数"),
    "filing_inpatient_reduction": Parameter(
        "rate", ("filing",), "住院支付比例按备案类型降低"
    ),
    "reduction_exempt_regions": Parameter("list", (), "转诊不降低住院支付比例的地区"),
    "employer_supplement_ratio": Parameter("rate", (), "企业补充医疗保险比例"),
    "clearing_declare_day": Parameter("monthday", (), "次月申报期限"),
    "clearing_delay_months": Parameter("months", (), "清算最长延期"),
    "clearing_close_months": Parameter("months", (), "次年清算完毕的期限"),
    "clearing_redeclare_days": Parameter("count", (), "驳回后重新申报期限"),
    "clearing_recording_days": Parameter("count", (), "请求时间晚到的容许天数"),
    **{name: Parameter("step", (), zh) for name, zh in CLEARING_STEPS.items()},
    "prepay_months": Parameter("months", (), "预付金额度月数"),
    "prepay_warn_ratio": Parameter("rate", (), "预付金使用预警比例"),
    "annual_fund_budget": Parameter("fen", (), "年度基金支出预算"),
}

SPLIT_TEXTS: Final = {
    "scope_rule": Parameter("text", (), "政策范围"),
    "price_limit_rule": Parameter("text", (), "限价"),
    "care_place_rule": Parameter("text", (), "就医地费用分割"),
    "claim_rule": Parameter("text", (), "手工报销的支付范围"),
    "claim_scope_rule": Parameter("text", (), "手工报销的目录和限价"),
    "account_rule": Parameter("text", (), "个人负担"),
    "clearing_exception_rule": Parameter("text", (), "特殊情况"),
    "clearing_full_rule": Parameter("text", (), "全额清算"),
    "clearing_deduction_rule": Parameter("text", (), "审核扣款"),
    "clearing_recovery_rule": Parameter("text", (), "追回"),
    "prepayment_rule": Parameter("text", (), "先预付后清算"),
}
"""Texts of the law that no number stands in, but that explain one."""

CHECKS: Final[dict[str, Parameter]] = {
    "stay_over_settlement": Parameter("flag", (), "住院期间的门诊费用"),
    "enrolment_over_settlement": Parameter("flag", (), "参保终止、暂停或转移后的费用"),
    "qualification_over_settlement": Parameter(
        "flag", (), "门诊慢特病资格终止后的费用"
    ),
    "claimed_and_settled": Parameter("flag", (), "既直接结算又手工报销的就诊"),
    "visit_reported_twice": Parameter("flag", (), "重复报送的住院"),
    "same_bill_twice": Parameter("flag", (), "同一机构同日重复的单据"),
    "same_time_elsewhere_minutes": Parameter(
        "minutes", (), "两家机构同时就诊的时间间隔"
    ),
    "prescription_settled_twice": Parameter("flag", (), "同一处方重复结算"),
    "items_for_one_sex": Parameter("list", ("sex",), "只适用于一种性别的项目"),
    "item_youngest_age": Parameter("years", ("item",), "项目适用的最小年龄"),
    "item_oldest_age": Parameter("years", ("item",), "项目适用的最大年龄"),
    "item_most_a_day": Parameter("quantity", ("item",), "项目每天的最大用量"),
    "supply_days_limit": Parameter("days", ("care",), "一次配药的最多天数"),
    "supply_overlap_days": Parameter("days", (), "提前配药的容许天数"),
}
"""What bills are looked over for after the fact: none of it refuses anything."""

ALL: Final[dict[str, Parameter]] = {**PARAMETERS, **CHECKS, **SPLIT_TEXTS}
