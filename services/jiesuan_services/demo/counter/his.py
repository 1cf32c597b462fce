"""A small hospital system of ours, for the demo and the tests: it speaks the national
interface and keeps its books from replies alone."""

import base64
import http.client
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

from jiesuan_events.words.instants import BEIJING

PATH: Final = "/mbs/fmi/fsi/api/callFsiService/callService"
TIMEOUT_SECONDS: Final = 20.0


class SaidNo(Exception):
    """The platform said no: what the cashier reads."""


class NoReply(Exception):
    """The connection ended, or nothing came in time: the outcome is unknown."""


@dataclass
class Till:
    """One till of one hospital: whom it logs in as, and where the platform is."""

    address: str
    fixmedins_code: str
    region: str
    client_id: str
    secret: str
    user: str = ""
    password: str = ""
    token: str | None = None
    settled: dict[str, dict[str, Any]] = field(default_factory=dict)
    refunded: dict[str, dict[str, Any]] = field(default_factory=dict)

    def log_in(self) -> str:
        """Ask for a token."""
        basic = base64.b64encode(f"{self.client_id}:{self.secret}".encode()).decode()
        form = {"grant_type": "password", "username": self.user}
        form |= {"password": self.password, "scope": "write"}
        headers = {
            "Authorization": f"Basic {basic}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        said = self._post(
            "/auth/oauth/token", urlencode(form).encode(), headers=headers
        )
        if "access_token" not in said:
            raise SaidNo(said.get("err_msg", "no token"))
        self.token = said["access_token"]
        return said["access_token"]  # type: ignore[no-any-return]

    def name(self) -> str:
        """Make a message's name as clients do: code, local time, four random digits."""
        stamp = datetime.now(BEIJING).strftime("%Y%m%d%H%M%S")
        return f"{self.fixmedins_code}{stamp}{1000 + secrets.randbelow(9000)}"

    def envelope(
        self, infno: str, input_: Any, *, msgid: str | None = None, **fields: Any
    ) -> dict[str, Any]:
        """Write a message."""
        return {
            "infno": infno,
            "msgid": msgid or self.name(),
            "mdtrtarea_admvs": self.region,
            "insuplc_admdvs": "",
            "recer_sys_code": "sys01",
            "infver": "V1.0",
            "opter_type": "1",
            "opter": "900001",
            "opter_name": "测试经办",
            "inf_time": datetime.now(BEIJING).strftime("%Y-%m-%d %H:%M:%S"),
            "fixmedins_code": self.fixmedins_code,
            "fixmedins_name": "示例医院",
            "sign_no": "",
            "input": input_,
            **fields,
        }

    def send(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Send a message as it is; return the whole reply."""
        if self.token is None:
            self.log_in()
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
        }
        return self._post(
            PATH, json.dumps(message, default=str).encode(), headers=headers
        )

    def call(self, infno: str, input_: Any, **fields: Any) -> dict[str, Any]:
        """Send a message; return its output, or raise what the cashier reads."""
        said = self.send(self.envelope(infno, input_, **fields))
        if said["infcode"] != "0":
            raise SaidNo(said["err_msg"])
        output = said["output"]
        return json.loads(output) if isinstance(output, str) else output  # type: ignore[no-any-return]

    def _post(
        self, path: str, body: bytes, *, headers: dict[str, str]
    ) -> dict[str, Any]:
        host, _, port = self.address.partition(":")
        link = http.client.HTTPConnection(host, int(port), timeout=TIMEOUT_SECONDS)
        try:
            link.request("POST", path, body, headers)
            return json.loads(link.getresponse().read(), parse_float=Decimal)  # type: ignore[no-any-return]
        except (OSError, http.client.HTTPException) as gone:
            raise NoReply(str(gone)) from gone
        finally:
            link.close()
