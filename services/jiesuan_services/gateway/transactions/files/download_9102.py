"""9102 文件下载: the bytes themselves; a refusal comes as an envelope."""

from pydantic import Field

from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.store.filing import kept_file
from jiesuan_services.gateway.transactions.kinds import Reading, Transaction
from jiesuan_services.gateway.wire.payload import Node, Output
from jiesuan_services.gateway.wire.values import Id, Text


class Download(Node):
    """Which file; its name and institution are sent besides and decide nothing."""

    file_qury_no: Id = Field(title="文件查询号")
    filename: Text | None = Field(default=None, title="文件名")


class Input9102(Node):
    """The node of the transaction."""

    fsDownloadIn: Download


class Downloaded(Output):
    """Which file it is; its bytes are what is sent."""

    file_qury_no: str = Field(title="文件查询号")
    filename: str = Field(title="文件名")


async def download(call: Call[Input9102]) -> Downloaded:
    """Find the file."""
    kept = await kept_file(call, call.input.fsDownloadIn.file_qury_no)
    return Downloaded(file_qury_no=kept.file_qury_no, filename=kept.filename)


TRANSACTION = Transaction(
    "9102", "文件下载", Input9102, Downloaded, Reading(download), gives_file=True
)
