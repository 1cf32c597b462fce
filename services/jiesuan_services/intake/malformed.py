"""What is wrong with a field, in the plain words of a refusal (50号三(四))."""

from collections.abc import Mapping
from typing import Any, Final

from jiesuan_events.requests import RepeatedLine

_BY_TYPE: Final = {
    "missing": "缺少必填字段",
    "extra_forbidden": "不认识的字段",
    "string_pattern_mismatch": "格式不符",
    "string_type": "应为字符串",
    "string_too_short": "不能为空",
    "string_too_long": "文字过长",
    "int_type": "应为整数",
    "bool_type": "应为true或false",
    "list_type": "应为列表",
    "greater_than_equal": "小于允许的最小值",
    "less_than_equal": "大于允许的最大值",
    "literal_error": "不在允许的取值内",
    "too_short": "至少要有一条",
    "too_long": "超过条数上限",
    "json_invalid": "不是合法的JSON",
}
_BY_REASON: Final = {
    "enddate lies before begndate": "结束日期早于开始日期",
    "a split line needs all four amounts": "分割后的四项金额要么都填，要么都不填",
    "a line needs its split or chrgitm_lv": "应填分割后的四项金额，或填收费项目等级",
    "med_type 14 needs dise_codg": "门诊慢特病结算应填病种编码",
    "med_type 15 needs dise_codg": "“两病”门诊用药结算应填病种编码",
    "acct_used_flag 1 needs balc_fen": "使用个人账户应填账户余额",
    "a row is confirmed twice": "同一结算只能确认一次",
    "a statement is named twice": "同一清算单只能写一次",
    "exactly one of setl_id and medins_setl_id": "结算编号和机构结算编号只填一个",
    "not an instant with offset, like 2022-03-01T08:50:00+08:00": (
        "应为带时区的时间，如2022-03-01T08:50:00+08:00"
    ),
    "not a day, like 2022-03-01": "应为日期，如2022-03-01",
}
NO_SUCH_DAY: Final = "没有这一天或这一时刻"


def plain_words(error: Mapping[str, Any], reason: str) -> str:
    """Say in Chinese what a validation error says, by its kind or by our own reason."""
    if error["type"] == "value_error":
        wrong = error["ctx"]["error"]
        if isinstance(wrong, RepeatedLine):
            return f"费用明细流水号{wrong.line_id}重复"
        return _BY_REASON.get(reason, NO_SUCH_DAY)
    return _BY_TYPE.get(error["type"], "取值不符合要求")
