"""What the person lacks: an enrolment, a policy of his region, a qualification."""

from datetime import date
from typing import Final

from jiesuan_domain.person.diseases import called
from jiesuan_domain.person.enrolment import Clock, Due
from jiesuan_domain.policy.model import Rules
from jiesuan_domain.policy.parameters import ALL
from jiesuan_domain.refusals.refusal import Refusal
from jiesuan_events.words import regions
from jiesuan_events.words.codes import RefusalCode

_RAN_OUT: Final[dict[Clock, str]] = {
    "expired": "的备案已到期",
    "enjoyed": "享受待遇已满{enjoyed}年",
    "interrupted": "中断治疗已满{interrupted}年",
}


def not_enrolled(region: str, *, to_qualify: bool = False) -> Refusal:
    """Say that nobody is insured there on that day."""
    where = f"参保地{regions.called(region)}" if region else "所填参保地"
    message = f"参保人费用发生当日在{where}没有该险种的有效参保，请核对参保地和险种。"
    if to_qualify:
        message = (
            "参保人在备案开始当日没有该险种的有效参保，"
            "请核对险种和日期，或先办理参保登记。"
        )
    return Refusal(RefusalCode.NOT_ENROLLED, message, {"insuplc_admdvs": region})


def enrolment_suspended(region: str) -> Refusal:
    """Say that the enrolment was suspended on the service day."""
    return Refusal(
        RefusalCode.ENROLMENT_SUSPENDED,
        f"参保人费用发生当日在参保地{regions.called(region)}处于暂停参保状态，"
        "请到参保地经办机构恢复参保后再结算。",
        {"insuplc_admdvs": region},
    )


def policy_not_in_force(
    parameter: str | None, on: date, *, to_clear: bool = False
) -> Refusal:
    """Say which parameter the region, or the pack of clearing, lacks on that day."""
    where, what, whom = "参保地", "没有生效的待遇政策", "参保地经办机构"
    if to_clear:
        where, what, whom = "", "没有生效的清算参数", "医保经办机构"
    if parameter is not None:
        what = f"没有配置“{ALL[parameter].zh}”"
    return Refusal(
        RefusalCode.POLICY_NOT_IN_FORCE,
        f"{where}{on}{what}，请联系{whom}配置后重试。",
        {"parameter": parameter, "on": on.isoformat()},
    )


def not_qualified(
    disease: str,
    since: date | None,
    *,
    rules: Rules | None,
    to_disqualify: bool = False,
) -> Refusal:
    """Say that the disease must be recognised first; never settle as ordinary.

    ``since`` is the last day of what there was.
    """
    named = called(disease, rules)
    message = f"参保人没有门诊慢特病{named}的有效待遇资格"
    if since is not None:
        message = f"参保人门诊慢特病{named}的待遇资格已取消，只到{since}有效"
    message += "，请先到参保地办理资格认定备案。"
    if to_disqualify:
        message = f"参保人没有门诊慢特病{named}的备案，无可取消，请核对病种编码和险种。"
    return Refusal(
        RefusalCode.NOT_QUALIFIED,
        message,
        {
            "opsp_dise_code": disease,
            "since": None if since is None else since.isoformat(),
        },
    )


def reverification_required(disease: str, due: Due, *, rules: Rules) -> Refusal:
    """Say since when the qualification is to be verified again, and by which clock.

    67号第十五条 names two of them, the end of the recognition is the third.
    """
    since = due.since.isoformat()
    why = _RAN_OUT[due.clock].format(
        enjoyed=rules.reverification_years, interrupted=rules.interruption_years
    )
    return Refusal(
        RefusalCode.REVERIFICATION_REQUIRED,
        f"门诊慢特病{called(disease, rules)}{why}，自{since}起需重新核验，"
        "请到二级及以上定点医疗机构核验后再结算。",
        {"opsp_dise_code": disease, "since": since, "reason": due.clock},
    )
