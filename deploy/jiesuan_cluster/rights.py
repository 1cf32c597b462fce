"""The rights of those who look, at a broker with an authorizer, from `rights.yaml`."""

from collections.abc import Iterator
from importlib.resources import files
from typing import Any, Final

import yaml
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import NoError, for_code
from aiokafka.protocol.admin import CreateAclsRequest

TOPIC: Final = 2
LITERAL: Final = 3
ALLOW: Final = 3
OPERATIONS: Final = {"read": 3, "write": 4}
"""Kafka's numbers of a resource, of how it is named, of what is done to it."""


class RightsRefused(RuntimeError):
    """The broker took no rights: why, and what to do."""


def rights() -> dict[str, dict[str, list[str]]]:
    """Read `rights.yaml`: by role, the topics that it may read and write."""
    text = (files("jiesuan_cluster") / "rights.yaml").read_text()
    read: dict[str, dict[str, list[str]]] = yaml.safe_load(text)
    return read


async def grant(bootstrap: str, role: str, *, to: str, **security: Any) -> None:
    """Allow a principal (`User:NAME`) what a role may do; what it has stays.

    ``security`` is how aiokafka logs in as somebody who may grant.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, **security)
    await admin.start()
    try:
        for topic, operation in _allowed(role):
            await _allow(admin, to, topic=topic, operation=operation)
    finally:
        await admin.close()


async def _allow(
    admin: AIOKafkaAdminClient, to: str, *, topic: str, operation: int
) -> None:
    request = CreateAclsRequest(TOPIC, topic, LITERAL, to, "*", operation, ALLOW)
    # aiokafka has the request and no method that sends it.
    answer = await admin._send_to_controller(request)
    for code, said in answer.creation_responses:
        if for_code(code) is not NoError:
            raise RightsRefused(
                f"集群没有接受{to}对{topic}的权限（{said}）：请确认集群启用了授权"
                "（authorizer.class.name），且所用账号可以授权"
            )


def _allowed(role: str) -> Iterator[tuple[str, int]]:
    for operation, topics in rights()[role].items():
        for topic in topics:
            yield topic, OPERATIONS[operation]
