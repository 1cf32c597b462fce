"""Files that institutions upload and fetch: bounded, and kept for some days."""

from datetime import datetime, timedelta
from typing import Any, Final

from msgspec import Struct

from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.faults import CounterFault
from jiesuan_services.gateway.store.serial import new_id
from jiesuan_services.gateway.store.sql import query

_HOME: Final = ("store", "files")
KEPT: Final = timedelta(days=7)
MOST_KEPT_BYTES: Final = 200 * 1024 * 1024
FULL: Final = "本机构暂存的文件已超过200MB，请7天后再上传或联系经办机构。"
NO_FILE: Final = "没有查询号为{}的文件，可能已过下载截止时间，请核对或重新上传。"


class KeptFile(Struct, frozen=True):
    """A file and until when it may be fetched."""

    file_qury_no: str
    filename: str
    content: bytes
    dld_endtime: datetime


async def keep(call: Call[Any], filename: str, *, content: bytes) -> KeptFile:
    """Keep a file of the institution under a new number."""
    now, whose = call.received, call.place.fixmedins_code
    await call.db.execute(query(*_HOME, name="forget"), now)
    kept = await call.db.fetchval(query(*_HOME, name="kept_bytes"), whose)
    if kept + len(content) > MOST_KEPT_BYTES:
        raise CounterFault(FULL)
    number = await new_id(call.db, call.place.admdvs, at=now)
    made = KeptFile(number, filename, content, now + KEPT)
    row = (number, whose, filename, content, made.dld_endtime)
    await call.db.execute(query(*_HOME, name="put"), *row)
    return made


async def kept_file(call: Call[Any], file_qury_no: str) -> KeptFile:
    """Return a file of the institution's own, or say that there is none."""
    whose = (call.place.fixmedins_code, call.received)
    row = await call.db.fetchrow(query(*_HOME, name="get"), file_qury_no, *whose)
    if row is None:
        raise CounterFault(NO_FILE.format(file_qury_no))
    names = ("file_qury_no", "filename", "content", "dld_endtime")
    return KeptFile(*(row[name] for name in names))
