"""The counter as OpenAPI 3.1: one path a transaction, from the models themselves."""

from collections.abc import Iterable
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from jiesuan_services.gateway.documents.queries import file_by_number, public_paths
from jiesuan_services.gateway.serving.app import DOWNLOAD, PATHS
from jiesuan_services.gateway.transactions.kinds import Transaction
from jiesuan_services.gateway.transactions.table import TRANSACTIONS
from jiesuan_services.gateway.vault.joining import NODES
from jiesuan_services.gateway.wire.envelope import WireEnvelope

REFS: Final = "#/components/schemas/{model}"
PATH: Final = PATHS[1]
PERSON: Final = {
    "psn_cert_type": "人员证件类型",
    "certno": "证件号码",
    "psn_name": "人员姓名",
    "gend": "性别",
    "naty": "民族",
    "brdy": "出生日期",
}
BYTES: Final[dict[str, Any]] = {"application/octet-stream": {}}
AGE: Final = {"type": "number", "title": "年龄"}
REPLY: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "infcode": ("交易状态码", {"type": "string", "enum": ["0", "-1"]}),
    "inf_refmsgid": ("接收方报文ID", {"type": "string", "maxLength": 30}),
    "refmsg_time": ("接收报文时间", {"type": "string"}),
    "respond_time": ("响应报文时间", {"type": "string"}),
    "err_msg": ("错误信息", {"type": "string", "maxLength": 200}),
    "warn_msg": ("警告信息", {"type": "string"}),
    "cainfo": ("数字签名信息", {"type": "string"}),
    "signtype": ("签名类型", {"type": "string"}),
}


def document() -> dict[str, Any]:
    """Return the whole document."""
    models: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        (WireEnvelope, "validation")
    ]
    for one in TRANSACTIONS.values():
        models += [(one.input, "validation"), (one.output, "serialization")]
    keys, made = models_json_schema(
        list(dict.fromkeys(models)), by_alias=True, ref_template=REFS
    )
    schemas = made["$defs"]
    for schema in schemas.values():
        # A reply may hold more one day: a client passes over what it does not know.
        schema.pop("additionalProperties", None)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "jiesuan (结算) gateway",
            "version": "1",
            "description": "定点医药机构接口：字段为国家接口规范的名称，"
            "金额单位为元、两位小数。HTTP状态总为200，成败看infcode。",
        },
        "paths": {
            "/auth/oauth/token": _token(),
            **{
                f"{PATH}/{one.infno}": _path(one, keys) for one in TRANSACTIONS.values()
            },
            PATH: {"get": file_by_number(_reply(TRANSACTIONS[DOWNLOAD], keys))},
            **public_paths(),
        },
        "components": {"schemas": schemas, "securitySchemes": _security()},
        "security": [{"token": []}, {"signature": []}, {"certificate": []}],
    }


def _path(one: Transaction, keys: Any) -> dict[str, Any]:
    envelope = keys[WireEnvelope, "validation"]
    asked = {
        "allOf": [envelope],
        "type": "object",
        "properties": {"input": keys[one.input, "validation"]},
        "required": ["input"],
    }
    return {
        "post": {
            "operationId": f"transaction{one.infno}",
            "summary": f"{one.infno} {one.zh}",
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": asked}},
            },
            "responses": {
                "200": {
                    "description": "办理结果",
                    "content": {
                        "application/json": {"schema": _reply(one, keys)},
                        **(BYTES if one.gives_file else {}),
                    },
                },
                "408": {"description": "报文在限定时间（默认30秒）内没有收完"},
                "413": {"description": "报文超过10MB"},
            },
        }
    }


def _reply(one: Transaction, keys: Any) -> dict[str, Any]:
    """Describe the reply: an output that is whole, or empty where the answer is no."""
    output: dict[str, Any] = keys[one.output, "serialization"]
    node = next((name for name in NODES if name in one.output.model_fields), None)
    if one.names_person and node is not None:
        named = {name: {"type": "string", "title": zh} for name, zh in PERSON.items()}
        person = {"type": "object", "properties": {**named, "age": AGE}}
        output = {"allOf": [output, {"properties": {node: person}}]}
    properties: dict[str, Any] = {
        name: {**kind, "title": zh} for name, (zh, kind) in REPLY.items()
    }
    nothing = {"type": "object", "maxProperties": 0}
    return {
        "type": "object",
        "properties": {**properties, "output": {"anyOf": [output, nothing]}},
        "required": ["infcode", "inf_refmsgid", "err_msg", "output"],
    }


def _token() -> dict[str, Any]:
    fields = ("grant_type", "username", "password", "scope")
    form = {
        "type": "object",
        "properties": {name: {"type": "string"} for name in fields},
    }
    token = _of_text(("access_token", "token_type"), expires_in={"type": "integer"})
    refused = ("error", "error_description", "infcode", "err_msg")
    return {
        "post": {
            "operationId": "token",
            "summary": "获取令牌",
            "security": [{"client": []}],
            "requestBody": {
                "content": {"application/x-www-form-urlencoded": {"schema": form}}
            },
            "responses": {
                "200": {
                    "description": "令牌，或不发令牌的原因",
                    "content": {
                        "application/json": {
                            "schema": {"anyOf": [_of_text(refused), token]}
                        }
                    },
                },
            },
        }
    }


def _of_text(names: Iterable[str], **others: Any) -> dict[str, Any]:
    """Describe an object all of whose members are there."""
    members = {name: {"type": "string"} for name in names} | others
    return {"type": "object", "properties": members, "required": list(members)}


def _security() -> dict[str, Any]:
    return {
        "token": {"type": "http", "scheme": "bearer"},
        "client": {"type": "http", "scheme": "basic"},
        "signature": {"type": "apiKey", "in": "header", "name": "_api_signature"},
        "certificate": {"type": "mutualTLS"},
    }
