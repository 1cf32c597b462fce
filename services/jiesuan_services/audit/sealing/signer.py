"""Which key seals a ledger: the one it was sealed with; a new one before the first."""

from pathlib import Path

from msgspec import Struct

from jiesuan_ledger.log.port import Log
from jiesuan_services.audit.sealing.keyfile import (
    KEY_FILE,
    SealRefused,
    create_key,
    load_key,
)
from jiesuan_services.audit.sealing.sealed import is_sealed
from jiesuan_services.audit.tree.notes.keys import SignerKey


class KeyPlace(Struct, frozen=True):
    """Where the key lies, and the name that a new one gets."""

    data: Path
    named: Path | None
    origin: str | None

    @property
    def file(self) -> Path:
        """The file of the key."""
        return self.named or self.data / KEY_FILE

    def load(self) -> SignerKey | None:
        """Return the key if there is one; a named file must be there."""
        key = load_key(self.file)
        if key is None and self.named is not None:
            raise SealRefused(f"JIESUAN_SEAL_KEY 指明的文件 {self.named} 不存在")
        if key is not None and self.origin not in (None, key.name):
            raise SealRefused(
                f"JIESUAN_ORIGIN 为 {self.origin}，而封存密钥属于 {key.name}："
                "来源在第一次封存时确定，不能更改，请取消 JIESUAN_ORIGIN"
            )
        return key


async def sealing_key(
    log: Log, place: KeyPlace, *, ledger_id: str, partitions: int
) -> SignerKey:
    """Return the key that seals, made if nothing was ever sealed."""
    key = place.load()
    if key is not None:
        return key
    if await is_sealed(log, partitions=partitions):
        raise SealRefused(
            "这个账本已用另一处的密钥封存过，本机没有该密钥，不能继续封存："
            "请用 JIESUAN_SEAL_KEY 指明原来的封存密钥"
        )
    try:
        return create_key(place.file, place.origin or f"jiesuan.invalid/{ledger_id}")
    except FileExistsError:
        made_meanwhile = place.load()
        assert made_meanwhile is not None, "a key file appears whole"
        return made_meanwhile
