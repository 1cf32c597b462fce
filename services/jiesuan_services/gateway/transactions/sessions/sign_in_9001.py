"""9001 签到: gives a number that no later message is asked for."""

from pydantic import Field

from jiesuan_services.gateway.call import Call
from jiesuan_services.gateway.store.serial import new_id
from jiesuan_services.gateway.transactions.kinds import Keeping, Transaction
from jiesuan_services.gateway.wire.payload import Node, Output
from jiesuan_services.gateway.wire.values import MomentOut, Text


class SignIn(Node):
    """Who signs in; `mac` and `ip` are whatever a client makes of them."""

    opter_no: Text | None = Field(default=None, title="操作员编号")


class Input9001(Node):
    """The node of the transaction."""

    signIn: SignIn


class SignInOut(Output):
    """When one signed in, and as what."""

    sign_time: MomentOut = Field(title="签到时间")
    sign_no: str = Field(title="签到编号")


class SignedIn(Output):
    """What 9001 gives back: clients look for the number in either node, or in none."""

    signinoutb: SignInOut
    result: SignInOut
    sign_time: MomentOut = Field(title="签到时间")
    sign_no: str = Field(title="签到编号")


async def sign_in(call: Call[Input9001]) -> SignedIn:
    """Return a sign-in number."""
    number = await new_id(call.db, call.place.admdvs, at=call.received)
    said = SignInOut(sign_time=call.received, sign_no=number)
    return SignedIn(
        signinoutb=said, result=said, sign_time=call.received, sign_no=number
    )


TRANSACTION = Transaction("9001", "签到", Input9001, SignedIn, Keeping(sign_in))
