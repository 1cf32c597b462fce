"""The topics: made if missing, and checked at every start against `topics.yaml`."""

import asyncio
from importlib.resources import files
from typing import Any, Final

import yaml
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import NoError, TopicAlreadyExistsError, for_code

OF_TOPIC: Final = 1
"""Kafka's mark of a setting that was made for the topic itself."""
SHARED: Final = "shared"
"""Said of topics that have as many partitions as the ledger."""
CHECKED: Final = (
    "cleanup.policy",
    "retention.ms",
    "retention.bytes",
    "max.message.bytes",
    "message.timestamp.type",
)
MOST_REPLICAS: Final = 3
KNOWN_TRIES: Final = 600
KNOWN_POLL_SECONDS: Final = 0.05


class TopicRefused(RuntimeError):
    """A topic that is not as it must be: what is wrong, and the remedy."""


def layout() -> dict[str, Any]:
    """Read `topics.yaml`."""
    text = (files("jiesuan_cluster") / "topics.yaml").read_text()
    read: dict[str, Any] = yaml.safe_load(text)
    return read


def wanted(partitions: int | None = None) -> dict[str, tuple[int, dict[str, str]]]:
    """Return each topic's number of partitions and its settings.

    A ledger that was begun elsewhere has its own number, fixed for ever.
    """
    plan = layout()
    topics: dict[str, tuple[int, dict[str, str]]] = {}
    for name, body in plan["topics"].items():
        settings = {key: str(value) for key, value in body.items()}
        shared = settings.pop("partitions")
        own = partitions or plan["partitions"]
        count = own if shared == SHARED else int(shared)
        topics[name] = (count, settings)
    return topics


async def provision(bootstrap: str, *, partitions: int | None = None) -> None:
    """Make the topics that are missing and check every one.

    A ledger is begun with ``partitions``, those of `topics.yaml` unless said otherwise;
    one that was begun with another number is refused.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        have = set(await admin.list_topics())
        begun = await _count(admin, have)
        if partitions and begun and partitions != begun:
            raise TopicRefused(
                f"这里的账本以{begun}个分区建立，不能改为{partitions}个："
                "分区数只在建账时选定；不写--partitions，即按已有的继续。"
            )
        count = partitions or begun
        brokers = len((await admin.describe_cluster())["brokers"])
        plan = wanted(count)
        missing = {topic: plan[topic] for topic in plan if topic not in have}
        await _create(admin, missing, replicas=min(MOST_REPLICAS, brokers))
        await check(admin, partitions=count)
    finally:
        await admin.close()


async def _count(admin: AIOKafkaAdminClient, have: set[str]) -> int | None:
    """Return how many partitions the ledger here was begun with, None: there is none.

    Partitions can be added and never removed, so the fewest are those of old.
    """
    shared = [
        name
        for name, body in layout()["topics"].items()
        if body["partitions"] == SHARED and name in have
    ]
    if not shared:
        return None
    described = await admin.describe_topics(shared)
    return min(len(topic["partitions"]) for topic in described)


async def restore(bootstrap: str) -> list[str]:
    """Set back what makes a topic forget; name each topic that was changed.

    What was forgotten meanwhile does not come back: `jiesuan verify` tells.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        changed = []
        there = set(await admin.list_topics())
        for name, found in (await _settings(admin)).items():
            plan = {key: wanted()[name][1].get(key) for key in CHECKED}
            right = {key: value for key, value in plan.items() if value is not None}
            if name in there and not right.items() <= found.items():
                own = await _own_settings(admin, name)
                topic = ConfigResource(ConfigResourceType.TOPIC, name, {**own, **right})
                await admin.alter_configs([topic])
                await _heard(admin, name, right=right)
                changed.append(name)
        return changed
    finally:
        await admin.close()


async def _heard(
    admin: AIOKafkaAdminClient, name: str, *, right: dict[str, str]
) -> None:
    """Wait until the brokers go by what the controller recorded."""
    for _ in range(KNOWN_TRIES):
        if right.items() <= (await _settings(admin))[name].items():
            return
        await asyncio.sleep(KNOWN_POLL_SECONDS)
    raise TopicRefused(f"主题{name}已改回但集群尚未生效，请查看集群日志。")


async def _own_settings(admin: AIOKafkaAdminClient, name: str) -> dict[str, str]:
    """Return all that was set for a topic itself: altering forgets what is not said."""
    asked = ConfigResource(ConfigResourceType.TOPIC, name)
    entries = (await admin.describe_configs([asked]))[0].resources[0][4]
    return {key: value for key, value, _, source, *_ in entries if source == OF_TOPIC}


async def _create(
    admin: AIOKafkaAdminClient,
    missing: dict[str, tuple[int, dict[str, str]]],
    *,
    replicas: int,
) -> None:
    safe = {"min.insync.replicas": "2"} if replicas == MOST_REPLICAS else {}
    new = []
    for name, (count, settings) in missing.items():
        new.append(NewTopic(name, count, replicas, topic_configs={**settings, **safe}))
    if not new:
        return
    response = await admin.create_topics(new)
    for name, code, *_ in response.topic_errors:
        fault = for_code(code)
        # Another process may have made it between our look and now.
        if fault not in (NoError, TopicAlreadyExistsError):
            raise TopicRefused(
                f"主题{name}未能创建（{fault.__name__}），请查看集群日志。"
            )
    await _known(admin, list(missing))


async def _known(admin: AIOKafkaAdminClient, names: list[str]) -> None:
    """Wait until the brokers know what the controller has made."""
    for _ in range(KNOWN_TRIES):
        if set(names) <= set(await admin.list_topics()):
            return
        await asyncio.sleep(KNOWN_POLL_SECONDS)
    raise TopicRefused(f"主题{'、'.join(names)}已创建但集群尚不可见，请查看集群日志。")


async def check(admin: AIOKafkaAdminClient, *, partitions: int | None = None) -> None:
    """Hold the topics against the plan; one that could forget is refused."""
    described = {
        topic["topic"]: len(topic["partitions"])
        for topic in await admin.describe_topics(list(wanted()))
    }
    settings = await _settings(admin)
    for name, (count, plan) in wanted(partitions).items():
        if described.get(name) != count:
            raise TopicRefused(
                f"主题{name}有{described.get(name)}个分区，应为{count}个："
                "建账后不能更改，请检查所连的集群。"
            )
        for key in CHECKED:
            found = settings[name].get(key)
            if key in plan and found != plan[key]:
                raise TopicRefused(
                    f"主题{name}的{key}为{found}，应为{plan[key]}，否则会丢失账本数据："
                    "请用jiesuan up --restore-topics改回。"
                )


async def _settings(admin: AIOKafkaAdminClient) -> dict[str, dict[str, str]]:
    resources = [
        ConfigResource(ConfigResourceType.TOPIC, name, dict.fromkeys(CHECKED))
        for name in wanted()
    ]
    found: dict[str, dict[str, str]] = {}
    for response in await admin.describe_configs(resources):
        for resource in response.resources:
            _, _, _, name, entries = resource[:5]
            found[name] = {entry[0]: entry[1] for entry in entries}
    return found
