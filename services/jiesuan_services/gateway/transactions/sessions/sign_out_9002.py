"""9002 签退: nothing depends on it."""

from pydantic import Field

from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.transactions.kinds import Reading, Transaction
from jiesuan_services.gateway.wire.payload import Node, Output
from jiesuan_services.gateway.wire.values import MomentOut, Text


class SignOut(Node):
    """Who signs out."""

    sign_no: Text | None = Field(default=None, title="签到编号")
    opter_no: Text | None = Field(default=None, title="操作员编号")


class Input9002(Node):
    """The node of the transaction."""

    signOut: SignOut


class SignOutOut(Output):
    """When one signed out."""

    sign_time: MomentOut = Field(title="签退时间")


class SignedOut(Output):
    """What 9002 gives back, as 9001 does."""

    signoutoutb: SignOutOut
    result: SignOutOut
    sign_time: MomentOut = Field(title="签退时间")


async def sign_out(call: Call[Input9002]) -> SignedOut:
    """Say when it was."""
    said = SignOutOut(sign_time=call.received)
    return SignedOut(signoutoutb=said, result=said, sign_time=call.received)


TRANSACTION = Transaction("9002", "签退", Input9002, SignedOut, Reading(sign_out))
