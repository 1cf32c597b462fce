"""9101 文件上传: a file is taken in as it is; nothing of it is opened here."""

from typing import Final

from pydantic import Field

from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.store.filing import keep
from jiesuan_services.gateway.transactions.kinds import Keeping, Transaction
from jiesuan_services.gateway.wire.payload import Node, Output
from jiesuan_services.gateway.wire.values import (
    Content,
    FileName,
    MomentOut,
    Text,
)

INPUT: Final = "fsUploadIn"


class Upload(Node):
    """The file: Base64, an array of bytes, or the part of a multipart message."""

    content: Content = Field(alias="in", title="文件数据")
    filename: FileName = Field(title="文件名")
    fixmedins_code: Text | None = Field(default=None, title="定点医药机构编号")


class Input9101(Node):
    """The node of the transaction."""

    fsUploadIn: Upload


class Uploaded(Output):
    """Under which number the file is found, and until when."""

    file_qury_no: str = Field(title="文件查询号")
    filename: str = Field(title="文件名")
    fixmedins_code: str = Field(title="定点医药机构编号")
    dld_endtime: MomentOut = Field(title="下载截止时间")


async def upload(call: Call[Input9101]) -> Uploaded:
    """Keep the file."""
    sent = call.input.fsUploadIn
    kept = await keep(call, sent.filename, content=sent.content)
    return Uploaded(
        file_qury_no=kept.file_qury_no,
        filename=kept.filename,
        fixmedins_code=call.place.fixmedins_code,
        dld_endtime=kept.dld_endtime,
    )


TRANSACTION = Transaction("9101", "文件上传", Input9101, Uploaded, Keeping(upload))
