"""A request about a month as the rules see it: read, named, and its form looked at."""

import re
from typing import Any, Final

from msgspec import Struct

from jiesuan_domain.refusals.of_request import malformed
from jiesuan_domain.refusals.refusal import Refusal
from jiesuan_events.clearing import requests
from jiesuan_events.clearing.requests import ClearingRequest
from jiesuan_events.words.instants import moment, policy_date

AGENCY: Final = "/agency/"
_REGION: Final = re.compile("[0-9]{6}")
INSTITUTION: Final = "/medins/"


class ClearingAsked(Struct, frozen=True):
    """One request about a care region; ``content`` digests what it says."""

    source: str
    id: str
    type: str
    time: str
    care_region: str
    content: str
    command: ClearingRequest


def acts_for(source: str, region: str) -> bool:
    """Whether a source is an agency of a region, or of one that it lies in.

    >>> acts_for("/agency/420000", "420100"), acts_for("/agency/429900", "420100")
    (True, False)
    """
    if not source.startswith(AGENCY):
        return False
    code = source.removeprefix(AGENCY)
    while code.endswith("00"):
        code = code[:-2]
    return region.startswith(code)


def form(asked: ClearingAsked) -> Refusal | None:
    """Say what of a request is malformed, whatever the region's state."""
    return _subject(asked) or _source(asked) or _paid_on(asked)


def _subject(asked: ClearingAsked) -> Refusal | None:
    named = _regions(asked.command)
    is_region = _REGION.fullmatch(asked.care_region) is not None
    if is_region and all(region == asked.care_region for region in named):
        return None
    zh = "应为六位就医地区划，且与内容一致"
    return malformed("subject", "not the care region that the data names", zh=zh)


def _regions(command: ClearingRequest) -> list[str]:
    match command:
        case requests.Draw() | requests.SetQuota():
            return [command.care_region]
        case requests.Confirm() | requests.Unconfirm():
            return []
        case requests.Declare():
            return [_region_of(id_) for id_ in command.statement_ids]
        case _:
            return [_region_of(command.statement_id)]


def _region_of(statement_id: str) -> str:
    return statement_id.split(":")[2]


def _source(asked: ClearingAsked) -> Refusal | None:
    if _may_ask(asked.source, asked.command):
        return None
    zh = "来源与请求类型或内容中的机构、区划不一致"
    return malformed("source", "this source may not send this request", zh=zh)


def _may_ask(source: str, command: ClearingRequest) -> bool:
    match command:
        case requests.Draw():
            return acts_for(source, command.care_region)
        case requests.SetQuota():
            return acts_for(source, command.insured_region)
        case requests.Confirm() | requests.Unconfirm():
            return source == INSTITUTION + command.institution_id
        case requests.Declare() | requests.Withdraw():
            return True
        case _:
            return source.startswith(AGENCY)


def _paid_on(asked: ClearingAsked) -> Refusal | None:
    command = asked.command
    if not isinstance(command, requests.Pay):
        return None
    if command.paid_on <= policy_date(moment(asked.time)):
        return None
    zh = "拨付日晚于请求当日"
    return malformed("data.paid_on", "paid after the day of the request", zh=zh)


def caused_by(asked: ClearingAsked) -> dict[str, Any]:
    """Return the fields by which a fact of clearing names its request."""
    return {
        "care_region": asked.care_region,
        "request_source": asked.source,
        "request_id": asked.id,
        "request_time": asked.time,
        "content": asked.content,
    }
