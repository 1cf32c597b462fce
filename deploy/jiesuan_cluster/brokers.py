"""How long the brokers let a transaction stay open: asked, never set."""

from typing import Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError

LONGEST_TRANSACTION_MS: Final = 10_000
"""Requests are read committed: so long a vendor may keep his partition waiting."""
SETTING: Final = "transaction.max.timeout.ms"


async def transactions_too_long(bootstrap: str) -> str | None:
    """Return a sentence if a vendor's open transaction may keep a partition too long.

    A delay is no loss and a cluster may not be ours to set: it is said, not refused.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        found = await _found(admin)
    except KafkaError as refused:
        return f"读不到集群的{SETTING}（{type(refused).__name__}），{_MUST_BE}"
    finally:
        await admin.close()
    longest = max(found, default=None)
    if longest is None:
        return f"读不到集群的{SETTING}，{_MUST_BE}"
    if longest <= LONGEST_TRANSACTION_MS:
        return None
    return f"集群的{SETTING}为{longest}，{_MUST_BE}"


_MUST_BE: Final = (
    f"应不大于{LONGEST_TRANSACTION_MS}：否则厂商未结束的事务会让其分区等待超过"
    "10秒，请在集群上改小"
)


async def _found(admin: AIOKafkaAdminClient) -> list[int]:
    """Ask every broker for its setting; one that does not say is left out."""
    brokers = (await admin.describe_cluster())["brokers"]
    asked = [
        ConfigResource(ConfigResourceType.BROKER, str(one["node_id"]), {SETTING: None})
        for one in brokers
    ]
    entries = [
        entry
        for response in await admin.describe_configs(asked)
        for resource in response.resources
        for entry in resource[4]
    ]
    return [int(entry[1]) for entry in entries if entry[0] == SETTING and entry[1]]
