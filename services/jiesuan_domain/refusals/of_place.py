"""What the place of care lacks: a filing, a disease, an opening, a prescription."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from jiesuan_domain.in_force import KnownInstitution, institutions_called
from jiesuan_domain.person.diseases import called
from jiesuan_domain.person.rights.filing import FilingEnd, Reason
from jiesuan_domain.policy.model import Rules
from jiesuan_domain.refusals.refusal import Refusal
from jiesuan_events.words import regions
from jiesuan_events.words.codes import RefusalCode

_FILE_FIRST: Final = "请先在参保地办理异地就医备案，或自费后回参保地手工报销。"
_ENDED: Final[dict[Reason, str]] = {
    "expired": "已于{day}到期",
    "moved": "因参保地变更，只到{day}有效",
    "suspended": "因暂停参保，只到{day}有效",
    "ended": "因终止参保，只到{day}有效",
    "unfiled": "已取消，只到{day}有效",
}


def no_filing(
    place: str, *, ended: FilingEnd | None = None, to_unfile: bool = False
) -> Refusal:
    """Say that no filing covers a place, which did last, and how to come to one."""
    named = regions.called(place)
    what = f"参保人没有覆盖就医地{named}的异地就医备案，{_FILE_FIRST}"
    details: dict[str, Any] = {"mdtrtarea_admvs": place}
    if ended is not None:
        end = _ENDED[ended.reason].format(day=ended.day)
        what = f"参保人覆盖就医地{named}的异地就医备案{end}，{_FILE_FIRST}"
        details |= {"ended": ended.day.isoformat(), "reason": ended.reason}
    if to_unfile:
        what = f"参保人没有就医地为{named}的异地就医备案，"
        what += "无可取消，请核对就医地和险种。"
        details = {"rloc_admdvs": place}
    return Refusal(RefusalCode.NO_FILING, what, details)


_NOT_LISTED: Final = {
    "qualification": "病种{}不在参保地门诊慢特病病种范围内，请核对病种编码。",
    "region": "费用发生当日参保地没有门诊慢特病病种{}，不能按门诊慢特病结算，"
    "请核对病种编码，或向参保地医保经办机构咨询。",
    "nation": "病种{}不在跨省直接结算范围内，不能按普通门诊结算，"
    "请自费后回参保地手工报销。",
    "two": "病种{}不是高血压或糖尿病，不能按“两病”门诊用药结算，"
    "请核对病种编码或医疗类别。",
}


def disease_not_in_list(
    disease: str,
    *,
    by: Literal["qualification", "region", "nation", "two"],
    rules: Rules | None,
) -> Refusal:
    """Say whose list the disease is not on: the region's, or that of the ten codes."""
    message = _NOT_LISTED[by].format(called(disease, rules))
    field = "opsp_dise_code" if by == "qualification" else "dise_codg"
    return Refusal(RefusalCode.DISEASE_NOT_IN_LIST, message, {field: disease})


def institution_not_opened(institution_id: str, disease: str | None) -> Refusal:
    """Say that the institution does not settle this across provinces."""
    return Refusal(
        RefusalCode.INSTITUTION_NOT_OPENED,
        "该机构未开通此项跨省直接结算，不能改按其他类别结算，"
        "请自费后回参保地手工报销。",
        {"fixmedins_code": institution_id, "dise_codg": disease},
    )


def institution_not_designated(
    designated: Sequence[str],
    *,
    institutions: Mapping[str, KnownInstitution],
    to_undesignate: bool = False,
) -> Refusal:
    """Say that the institution was not chosen, and which were (50号二(三))."""
    message = "参保人没有选定该机构，"
    if to_undesignate:
        message += "无可取消，请核对机构编号、病种和险种。"
    elif designated:
        message += (
            f"请到已选定的机构就医：{institutions_called(designated, institutions)}，"
            "或先办理定点备案。"
        )
    else:
        message += "请先到参保地办理定点备案，再到选定的机构就医。"
    return Refusal(
        RefusalCode.INSTITUTION_NOT_DESIGNATED,
        message,
        {"designated": list(designated)},
    )


def too_many_designations(
    limit: int,
    designated: Sequence[str],
    *,
    institutions: Mapping[str, KnownInstitution],
) -> Refusal:
    """Say how many institutions may be chosen, and which are."""
    return Refusal(
        RefusalCode.TOO_MANY_DESIGNATIONS,
        f"参保地规定最多选定{limit}家机构，"
        f"已选定{institutions_called(designated, institutions)}，"
        "请先取消其中一家再办理。",
        {"limit": limit, "designated": list(designated)},
    )


_PRESCRIBED: Final = {"rxno": "处方号", "rxfixmedins_code": "处方机构编号"}


def prescription_required(
    missing: Sequence[str], *, by_pharmacy: bool = False
) -> Refusal:
    """Say that a pharmacy needs a prescription of a hospital, and what is missing."""
    named = "和".join(f"{_PRESCRIBED[one]}（{one}）" for one in missing)
    remedy = f"请补充{named}后重新发送。"
    if by_pharmacy:
        number = f"和{named}" if "rxno" in missing else ""
        remedy = (
            "零售药店不能作为处方机构，请填写开具处方的医疗机构编号"
            f"（rxfixmedins_code）{number}后重新发送。"
        )
    return Refusal(
        RefusalCode.PRESCRIPTION_REQUIRED,
        f"药店结算须有定点医疗机构的处方，{remedy}",
        {"missing": list(missing)},
    )


def unknown_admission(visit_id: str) -> Refusal:
    """Say that nobody was admitted under that visit."""
    return Refusal(
        RefusalCode.UNKNOWN_ADMISSION,
        "没有找到对应的入院登记，请核对就诊编号，或先补登入院。",
        {"mdtrt_id": visit_id},
    )
