"""Cases as a clerk writes them, in Chinese and yuan, read into requests and answers."""

from decimal import Decimal
from typing import Any

from tests.domain import asking
from tests.domain.asking import Message

PLACES = {
    "一级医院": asking.PRIMARY,
    "二级医院": asking.SECONDARY,
    "三级医院": asking.TERTIARY,
    "部属医院": asking.MINISTRY,
    "未定级医院": asking.UNGRADED,
    "药店": asking.PHARMACY,
    "市外医院": asking.ELSEWHERE,
    "外省医院": asking.AWAY,
    "外省未开通医院": asking.CLOSED_AWAY,
    "达州医院": "H51170090001",
    "成都医院": "H51010090001",
    "重庆医院": "H50010090001",
    "未登记医院": "H42010099999",
    "另一药店": "P42010090007",
}
REGIONS = {"达州医院": "511700", "成都医院": "510100", "重庆医院": "500100"}
CARES = {
    "普通门诊": "11",
    "急诊": "13",
    "慢特病": "14",
    "两病": "15",
    "住院": "21",
    "药店购药": "41",
}
KINDS = {
    "参保": "enrol",
    "慢特病备案": "qualify",
    "取消慢特病": "disqualify",
    "定点备案": "designate",
    "取消定点": "undesignate",
    "异地备案": "file",
    "取消异地备案": "unfile",
    "入院": "admit",
    "出院": "discharge",
    "住院报送": "inpatient",
    "结算": "settle",
    "预结算": "quote",
    "手工报销": "claim",
    "退费": "refund",
    "隔笔退费": "gap-refund",
    "冲正": "compensate",
}
BILLS = ("settle", "quote", "claim")
UNDOINGS = ("refund", "gap-refund", "compensate")
OUTCOMES = {"办理": "decided", "拒绝": "refused", "预结算": "quoted"}
AMOUNTS = {
    "总费用": "medfee_sumamt_fen",
    "自费": "fulamt_ownpay_amt_fen",
    "超限价": "overlmt_selfpay_fen",
    "先行自付": "preselfpay_amt_fen",
    "政策范围内": "inscp_scp_amt_fen",
    "起付线": "act_pay_dedc_fen",
    "超封顶": "overcap_amt_fen",
    "统筹": "hifp_pay_fen",
    "大额": "hifob_pay_fen",
    "企业补充": "hifes_pay_fen",
    "按比例自付": "ratio_selfpay_fen",
    "基金合计": "fund_pay_sumamt_fen",
    "个人负担": "psn_part_amt_fen",
    "账户": "acct_pay_fen",
    "现金": "psn_cash_pay_fen",
}
TOTALS = {
    "普通累计": "ordinary_inscp_fen",
    "全部累计": "inscp_fen",
    "起付线累计": "dedc_fen",
    "统筹累计": "hifp_fen",
    "大额累计": "hifob_fen",
    "笔数": "setl_cnt",
}
BASE = {"psn_no": asking.PERSON, "insutype": "310"}
DEFAULTS: dict[str, dict[str, Any]] = {
    "qualify": BASE | {"begndate": "2022-01-01"},
    "disqualify": BASE,
    "designate": BASE | {"begndate": "2022-01-01"},
    "undesignate": BASE,
    "unfile": BASE,
    "file": BASE | {"filing_type": "long-term-resident", "begndate": "2022-01-01"},
    "inpatient": BASE | {"mdtrt_id": "Z1", "year": "2022"},
    "admit": {"psn_no": asking.PERSON, "mdtrt_id": "Z1"},
    "discharge": {"psn_no": asking.PERSON, "mdtrt_id": "Z1"},
}


def institutions() -> list[Message]:
    """Register every place that a case may name, those of Sichuan at level 3."""
    far = [
        asking.institution(PLACES[name], level="3", admdvs=region)
        for name, region in REGIONS.items()
    ]
    return [*asking.institutions(), asking.institution(PLACES["另一药店"]), *far]


def fen(yuan: Any) -> int:
    """Read an amount in yuan as the clerk wrote it."""
    return int(Decimal(str(yuan)) * 100)


def lines_of(step: dict[str, Any]) -> list[Message]:
    """Read the lines of a bill: one amount, or each line with its own."""
    day = str(step.get("日期", "2022-03-01"))
    if "明细" not in step:
        return [asking.line("1", fen(step["金额"]), day=day)]
    made = []
    for at, one in enumerate(step["明细"], 1):
        when = str(one.get("日期", day))
        line = asking.line(str(at), fen(one["金额"]), day=when, **one.get("字段", {}))
        made.append(line)
    return made


def data_of(kind: str, step: dict[str, Any]) -> dict[str, Any]:
    """Read what a step asks for as the data of its request."""
    name = step.get("机构", "一级医院")
    place = PLACES[name]
    more = step.get("字段", {})
    if kind == "enrol" or kind in BILLS:
        more = {"insuplc_admdvs": step.get("参保地", asking.HOME), **more}
    if kind == "enrol":
        birth = str(step.get("生日", "1977-05-05"))
        return {**asking.enrol("", birth=birth)["data"], **more}
    if kind in BILLS:
        care = CARES[step.get("类别", "普通门诊")]
        if "病种" in step:
            more = {"dise_codg": step["病种"], **more}
        if name in REGIONS:
            more = {"mdtrtarea_admvs": REGIONS[name], **more}
        if kind == "claim":
            more = {"manl_reim_rea": "未能直接结算", **more}
        bill = asking.bill(lines_of(step), at=place, care=care, **more)
        if "处方机构" in step:
            bill["rxfixmedins_code"] = PLACES[step["处方机构"]]
        return bill
    if kind in UNDOINGS:
        undone = asking.undo(kind, "", step["原编号"], at=place)["data"]
        return {**undone, **more}
    return _registered(kind, step, place=place) | more


def _registered(kind: str, step: dict[str, Any], *, place: str) -> dict[str, Any]:
    data = dict(DEFAULTS[kind])
    if kind in ("admit", "discharge"):
        name = "begntime" if kind == "admit" else "endtime"
        data |= {"fixmedins_code": place, name: step["时间"]}
    if kind in ("designate", "undesignate"):
        data["fixmedins_code"] = place
    if "病种" in step:
        data["opsp_dise_code"] = step["病种"]
    if "备案地" in step:
        data["rloc_admdvs"] = step["备案地"]
    if kind == "inpatient":
        data["inscp_scp_amt_fen"] = fen(step["金额"])
    for word, name in (("起", "begndate"), ("止", "enddate")):
        if word in step:
            data[name] = str(step[word])
    return data


def request_of(step: dict[str, Any], number: int) -> Message:
    """Read a step as the request that it describes."""
    kind = KINDS[step["请求"]]
    data = data_of(kind, step)
    made = asking.message(kind, step.get("编号", f"N{number}"), data)
    if kind in BILLS:
        data["mdtrt_id"] = step.get("就诊", f"V{step.get('编号', number)}")
        made["time"] = max(one["fee_ocur_time"] for one in data["feedetail"])
    if "由经办机构" in step:
        by = step["由经办机构"]
        made["source"] = asking.AGENCY if by == "是" else f"/agency/{by}"
    if "时间" in step and kind in BILLS:
        made["time"] = step["时间"]
    for name in step.get("缺", []):
        del made["data"][name]
    return made


def disagreements(wanted: dict[str, Any], data: dict[str, Any]) -> list[str]:
    """Return everything in which an answer is not what the clerk expects."""
    found = []
    refusals = data.get("refusals", [{"code": None, "details": {}}])
    details = refusals[0]["details"]
    for word, value in wanted.items():
        if word == "结果":
            got, due = data["outcome"], OUTCOMES[value]
        elif word == "原因":
            got, due = refusals[0]["code"], value
        elif word == "全部原因":
            got, due = [one["code"] for one in refusals], value
        elif word == "先退":
            got = [one["medins_setl_id"] for one in details.get("blocking", [])]
            due = value
        elif word == "详情":
            got, due = {name: details.get(name) for name in value}, value
        elif word == "字段":
            got, due = {name: data.get(name) for name in value}, value
        elif word in TOTALS:
            got = data["cum"][TOTALS[word]]
            due = value if word == "笔数" else fen(value)
        elif word in ("差额", "重新结算"):
            got, due = _gap(word, value, data)
        else:
            got, due = data.get(AMOUNTS[word]), fen(value)
        if got != due:
            found.append(f"{word}: wanted {due}, got {got}")
    return found


def _gap(word: str, value: Any, data: dict[str, Any]) -> tuple[Any, Any]:
    """Read what a gap refund moved: the totals, or each re-settled bill."""
    if word == "差额":
        total = data["difference"]["total"]
        got = {name: total[AMOUNTS[name]] for name in value}
        return got, {name: fen(yuan) for name, yuan in value.items()}
    ids = [one["medins_setl_id"] for one in data["resettled"]]
    if ids != [one["编号"] for one in value]:
        return ids, [one["编号"] for one in value]
    due = [
        {name: fen(yuan) for name, yuan in one.items() if name != "编号"}
        for one in value
    ]
    got_all = [
        {name: one[AMOUNTS[name]] for name in wanted}
        for one, wanted in zip(data["resettled"], due, strict=True)
    ]
    return got_all, due
