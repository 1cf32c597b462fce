"""What is asked by GET, for the OpenAPI document: a file, public queries, health."""

from typing import Any, Final

from jiesuan_services.gateway.public.routes import MOST_CHARACTERS

Described = dict[str, Any]
TEXT: Final[Described] = {"type": "string"}
REGION: Final[Described] = {"type": "string", "pattern": "^[0-9]{6}$"}
ASKED: Final[Described] = {"type": "string", "maxLength": MOST_CHARACTERS}
CREDENTIAL: Final[Described] = {
    "type": "string",
    "minLength": 1,
    "maxLength": MOST_CHARACTERS,
    "pattern": "^[A-Za-z0-9-]+$",
}
BUSY: Final = {"429": "查询过于频繁，请稍后再试", "503": "暂时不能查询，请稍后再试"}


def file_by_number(reply: Described) -> Described:
    """Describe the download of a file: its bytes, or the envelope of a refusal."""
    named = {"name": "file_qury_no", "in": "query", "required": True, "schema": TEXT}
    described = {"schema": reply}
    content = {"application/octet-stream": {}, "application/json": described}
    return {
        "operationId": "download",
        "summary": "按查询号下载文件（同9102）",
        "parameters": [named],
        "responses": {"200": {"description": "文件，或拒绝的原因", "content": content}},
    }


def public_paths() -> Described:
    """Describe what anybody may ask, and whether the counter is well."""
    institutions = _query(
        "institutions",
        "查询已开通的定点医药机构",
        found=_object(institutions={"type": "array", "items": {"type": "object"}}),
        asked=[("admdvs", REGION), ("name", ASKED), ("dise_code", ASKED)],
        others={"400": "查询条件有误"},
    )
    notice = _query(
        "notice",
        "查询统筹区的告知书",
        found=_object(admdvs=TEXT, on=TEXT, schemes={"type": "array"}),
        others={"400": "医保区划有误", "404": "没有该统筹区的告知书"},
    )
    region = {"name": "admdvs", "in": "path", "required": True, "schema": REGION}
    notice["parameters"] = [region]
    own = _query(
        "qualification",
        "本人查询门诊慢特病资格",
        found=_object(qualifications={"type": "array", "items": {"type": "object"}}),
        asked=[("X-Certno", CREDENTIAL), ("X-Psn-No", CREDENTIAL)],
        place="header",
        others={"401": "没有提供证件号码和人员编号", "404": "未查到参保人"},
    )
    return {
        "/public/v1/institutions": {"get": institutions},
        "/public/v1/regions/{admdvs}/notice": {"get": notice},
        "/public/v1/qualification": {"get": own},
        "/health": {"get": _health()},
    }


def _query(
    name: str,
    summary: str,
    *,
    found: Described,
    asked: list[tuple[str, Described]] | None = None,
    place: str = "query",
    others: dict[str, str],
) -> Described:
    """Describe a query; each of its refusals says why in `err_msg`."""
    refused = _object(err_msg=TEXT)
    return {
        "operationId": name,
        "summary": summary,
        "security": [],
        "parameters": [
            {"name": one, "in": place, "schema": schema} for one, schema in asked or ()
        ],
        "responses": {
            "200": _reply("查询结果", found),
            **{code: _reply(zh, refused) for code, zh in (others | BUSY).items()},
        },
    }


def _health() -> Described:
    state = _object(database={"type": "boolean"}, ledger={"type": "boolean"})
    return {
        "operationId": "health",
        "summary": "数据库和账本是否可用",
        "security": [],
        "responses": {
            "200": _reply("都可用", state),
            "503": _reply("至少一项不可用", state),
        },
    }


def _reply(description: str, schema: Described) -> Described:
    return {
        "description": description,
        "content": {"application/json": {"schema": schema}},
    }


def _object(**members: Described) -> Described:
    return {"type": "object", "properties": members, "required": list(members)}
