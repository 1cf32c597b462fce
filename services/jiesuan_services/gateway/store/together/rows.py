"""What goes to the database with others: messages, and what they change of a visit."""

from datetime import datetime

from msgspec import Struct

Key = tuple[str, str, str, str]
"""(institution, msgid, infno, digest): what names a message."""


class MessageName(Struct, frozen=True):
    """A message's row as it begins: its key, our name for it, when it came, whose."""

    key: Key
    inf_refmsgid: str
    received_at: datetime
    psn_no: str | None


class VisitDescription(Struct, frozen=True):
    """Which kind of care a visit is."""

    med_type: str
    dise_codg: str | None
    dise_name: str | None
    rxfixmedins_code: str | None


class NewVisit(Struct, frozen=True):
    """A visit that is opened."""

    fixmedins_code: str
    psn_no: str
    insutype: str
    insuplc_admdvs: str | None
    ipt_otp_no: str
    begntime: datetime


class VisitChange(Struct, frozen=True):
    """What a message changes of a visit: of the version that it saw, if any."""

    mdtrt_id: str
    version: int | None = None
    opened: NewVisit | None = None
    described: VisitDescription | None = None
    batches: tuple[tuple[str, str], ...] = ()
    """Charge batches and their lines."""


class KeptMessage(Struct, frozen=True):
    """A message, its reply, and what it changes."""

    name: MessageName
    replied_at: datetime
    output: str
    err_msg: str
    change: VisitChange | None = None


class IntendedMessage(Struct, frozen=True):
    """A message and what the ledger is to be asked."""

    name: MessageName
    request_id: str
    request: str
    mdtrt_id: str | None
    chrg_bchno: str | None
    version: int | None
    """Which one of the visit was seen, where what is asked rests on it."""
    uses_account: bool
    topic: str


class ToldReply(Struct, frozen=True):
    """The reply of a message that was asked of the ledger, and the entry it became."""

    key: Key
    replied_at: datetime
    output: str
    err_msg: str
    partition: int | None
    offset: int | None
    setl_id: str | None


class AskedCharge(Struct, frozen=True):
    """Which batch of which visit a bill is about, and under which name it is sent."""

    mdtrt_id: str
    chrg_bchno: str
    psn_no: str
    fixmedins_code: str
    msgid: str
    infno: str
    digest: str
    request_id: str
    """The sender's name as the ledger is told it."""
