"""Our words and the national names they travel under.

A national name stands bare only if value, unit and code list are exactly the
standard's. The standard counts yuan, we count fen, so amounts end in ``_fen``.
A field whose word is not here fails at import.
"""

from typing import Final

# word -> (wire name, 中文)
WORDS: Final[dict[str, tuple[str, str]]] = {
    # who, where, what
    "person_id": ("psn_no", "人员编号"),
    "institution_id": ("fixmedins_code", "定点医药机构编号"),
    "institution_name": ("fixmedins_name", "定点医药机构名称"),
    "institution_type": ("fixmedins_type", "定点医药机构类型"),
    "institution_level": ("dedc_hosp_lv", "起付线医院等级"),
    "ministry_affiliated": ("ministry_affiliated", "部属三级"),
    "region": ("admdvs", "医保区划"),
    "opened": ("opened", "开通的门诊慢特病病种"),
    "outpatient_opened": ("outpatient_opened", "是否开通异地普通门诊"),
    "care_region": ("mdtrtarea_admvs", "就医地医保区划"),
    "insured_region": ("insuplc_admdvs", "参保地医保区划"),
    "filed_region": ("rloc_admdvs", "备案就医地区划"),
    "filing_type": ("filing_type", "备案类型"),
    "scheme": ("insutype", "险种类型"),
    "person_category": ("psn_type", "人员类别"),
    "enrolment_status": ("psn_insu_stas", "人员参保状态"),
    "birth_date": ("brdy", "出生日期"),
    "begin_date": ("begndate", "开始日期"),
    "end_date": ("enddate", "结束日期"),
    "begin_time": ("begntime", "开始时间"),
    "end_time": ("endtime", "结束时间"),
    "identified_on": ("hosp_ide_date", "医院鉴定日期"),
    "qualified_disease": ("opsp_dise_code", "门慢门特病种目录代码"),
    "memo": ("memo", "备注"),
    "year": ("year", "年度"),
    "care_type": ("med_type", "医疗类别"),
    "visit_id": ("mdtrt_id", "就诊ID"),
    "disease": ("dise_codg", "病种编码"),
    "prescription_id": ("rxno", "处方号"),
    "prescribing_institution": ("rxfixmedins_code", "处方医药机构编码"),
    "invoice": ("invono", "发票号"),
    "claim_reason": ("manl_reim_rea", "手工报销原因"),
    "account_used": ("acct_used_flag", "个人账户使用标志"),
    "account_balance": ("balc_fen", "余额"),
    # settlements and refunds
    "settlement_id": ("setl_id", "结算ID"),
    "sender_settlement_id": ("medins_setl_id", "医药机构结算ID"),
    "original_settlement_id": ("init_setl_id", "原结算ID"),
    "original_sender_id": ("init_medins_setl_id", "原医药机构结算ID"),
    "replaces_settlement_id": ("replaces_setl_id", "所替代的结算ID"),
    "target_settlement_id": ("target_setl_id", "隔笔退费的目标结算ID"),
    "compensated_message": ("omsgid", "原发送方报文ID"),
    "compensated_interface": ("oinfno", "原交易编号"),
    "compensated": ("compensated", "冲正结果"),
    "clearing_category": ("clr_type", "清算类别"),
    "payment_place": ("pay_loc", "支付地点类别"),
    "service_day": ("service_day", "费用发生日"),
    "tier": ("tier", "待遇级别"),
    "age": ("age", "周岁年龄"),
    "policy": ("policy", "所依据的政策包"),
    "pack": ("pack", "政策包"),
    "sha256": ("sha256", "政策包摘要"),
    "reversed": ("reversed", "撤销的结算"),
    "resettled": ("resettled", "重新结算"),
    # the lines of a bill
    "lines": ("feedetail", "费用明细"),
    "line_id": ("feedetl_sn", "费用明细流水号"),
    "incurred_at": ("fee_ocur_time", "费用发生时间"),
    "item": ("med_list_codg", "医疗目录编码"),
    "price": ("pric", "单价"),
    "quantity": ("cnt", "数量"),
    "line_total": ("det_item_fee_sumamt_fen", "明细项目费用总额"),
    "line_over_limit": ("overlmt_amt_fen", "超限价金额"),
    "item_class": ("chrgitm_lv", "收费项目等级"),
    "price_limit": ("pric_uplmt_amt", "定价上限金额"),
    "self_pay_ratio": ("selfpay_prop", "自付比例"),
    "restricted": ("lmt_used_flag", "限制使用标志"),
    "approval": ("hosp_appr_flag", "医院审批标志"),
    "charge_category": ("med_chrgitm_type", "医疗收费项目类别"),
    "negotiated": ("hi_nego_drug_flag", "医保谈判药品标志"),
    # money
    "total_charge": ("medfee_sumamt_fen", "医疗费总额"),
    "excluded": ("fulamt_ownpay_amt_fen", "全自费金额"),
    "over_limit": ("overlmt_selfpay_fen", "超限价自费费用"),
    "upfront_copay": ("preselfpay_amt_fen", "先行自付金额"),
    "in_scope": ("inscp_scp_amt_fen", "符合政策范围金额"),
    "deductible_applied": ("act_pay_dedc_fen", "实际支付起付线"),
    "over_cap": ("overcap_amt_fen", "超过最高限额金额"),
    "person_share": ("ratio_selfpay_fen", "按比例个人负担金额"),
    "pool_pay": ("hifp_pay_fen", "基本医疗保险统筹基金支出"),
    "pool_rate": ("pool_prop_selfpay", "基本医疗保险统筹基金支付比例"),
    "large_sum_pay": ("hifob_pay_fen", "职工大额医疗费用补助基金支出"),
    "employer_supplement_pay": ("hifes_pay_fen", "企业补充医疗保险基金支出"),
    "catastrophic_pay": ("hifmi_pay_fen", "居民大病保险资金支出"),
    "civil_servant_pay": ("cvlserv_pay_fen", "公务员医疗补助资金支出"),
    "medical_aid_pay": ("maf_pay_fen", "医疗救助基金支出"),
    "disabled_pay": ("hifdm_pay_fen", "伤残人员医疗保障基金支出"),
    "other_pay": ("oth_pay_fen", "其他支出"),
    "fund_pay_total": ("fund_pay_sumamt_fen", "基金支付总额"),
    "person_burden": ("psn_part_amt_fen", "个人负担总金额"),
    "account_pay": ("acct_pay_fen", "个人账户支出"),
    "cash_pay": ("psn_cash_pay_fen", "个人现金支出"),
    "institution_burden": ("hosp_part_amt_fen", "医院负担金额"),
    "steps": ("setl_proc_info", "结算过程信息"),
    # the accumulators of a person's year
    "totals": ("cum", "年度累计"),
    "ordinary_in_scope": ("ordinary_inscp_fen", "普通门诊政策范围内累计"),
    "total_in_scope": ("inscp_fen", "政策范围内累计（计入24万）"),
    "deductible_sum": ("dedc_fen", "起付线累计"),
    "over_cap_sum": ("overcap_fen", "超限额累计"),
    "pool_pay_sum": ("hifp_fen", "统筹基金支付累计"),
    "large_sum_pay_sum": ("hifob_fen", "大额支付累计"),
    "person_burden_sum": ("psn_part_fen", "个人负担累计"),
    "settlement_count": ("setl_cnt", "有效结算笔数"),
    # envelopes, answers, entries
    "spec_version": ("specversion", "CloudEvents 版本"),
    "type": ("type", "类型"),
    "source": ("source", "来源"),
    "id": ("id", "编号"),
    "time": ("time", "时间"),
    "subject": ("subject", "主体"),
    "content_type": ("datacontenttype", "内容类型"),
    "data_schema": ("dataschema", "内容格式"),
    "traceparent": ("traceparent", "链路追踪"),
    "data": ("data", "内容"),
    "request_source": ("request_source", "请求来源"),
    "request_id": ("request_id", "请求编号"),
    "request_time": ("request_time", "请求时间"),
    "request_type": ("request_type", "请求类型"),
    "content": ("content", "请求内容摘要"),
    "outcome": ("outcome", "处理结果"),
    "entry": ("entry", "账本位置"),
    "partition": ("partition", "分区"),
    "offset": ("offset", "偏移"),
    "version": ("version", "版本"),
    "hash": ("hash", "摘要"),
    "refusals": ("refusals", "拒绝原因"),
    "code": ("code", "代码"),
    "message": ("message", "说明"),
    "transient": ("transient", "可否稍后重试"),
    "details": ("details", "详情"),
    "difference": ("difference", "差额"),
    "settlements": ("settlements", "逐笔差额"),
    "institutions": ("institutions", "逐机构差额"),
    "total": ("total", "合计"),
    "replaced_by": ("replaced_by", "由哪笔结算替代"),
    # the ledger itself
    "ledger_id": ("ledger_id", "账本编号"),
    "partitions": ("partitions", "分区数"),
    "created_at": ("created_at", "建账时间"),
    # the explanation
    "field": ("field", "金额字段"),
    "rule": ("rule", "规则"),
    "article": ("article", "依据"),
    "amount_in": ("in_fen", "计入金额"),
    "amount_out": ("out_fen", "得出金额"),
    "zh": ("zh", "说明"),
}


class UnknownWord(LookupError):
    """A field of a contract whose word the glossary does not know."""


def wire_name(word: str) -> str:
    """Give the name that a word of ours travels under."""
    try:
        return WORDS[word][0]
    except KeyError:
        raise UnknownWord(f"{word!r} is not in the glossary") from None


def chinese(word: str) -> str:
    """Give the Chinese term of a word of ours."""
    return WORDS[word][1]
