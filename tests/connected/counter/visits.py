"""A visit as a hospital's system makes it, step by step."""

from dataclasses import dataclass
from typing import Any

from jiesuan_services.demo.counter.his import Till

DAY = "2022-03-01 08:50:00"


@dataclass
class Visit:
    """One visit of one person at one till."""

    till: Till
    psn_no: str
    mdtrt_id: str = ""

    def open(self, *, med_type: str = "11", dise_codg: str = "J06.900") -> "Visit":
        """Register the visit and say what it is for."""
        data = {
            "psn_no": self.psn_no,
            "insutype": "310",
            "begntime": DAY,
            "mdtrt_cert_type": "02",
            "mdtrt_cert_no": "990000198001010011",
            "ipt_otp_no": "MZ1",
        }
        self.mdtrt_id = self.till.call("2201", {"data": data})["data"]["mdtrt_id"]
        self.till.call("2203", self.description(med_type=med_type, dise_codg=dise_codg))
        return self

    def description(
        self, *, med_type: str = "11", dise_codg: str = "J06.900"
    ) -> dict[str, Any]:
        """Make the nodes of 2203."""
        info = {
            "mdtrt_id": self.mdtrt_id,
            "psn_no": self.psn_no,
            "med_type": med_type,
            "begntime": DAY,
            "dise_codg": dise_codg,
            "dise_name": "x",
        }
        return {"mdtrtinfo": info, "diseinfo": []}

    def line(
        self, number: int = 1, *, code: str = "XA", **fields: Any
    ) -> dict[str, Any]:
        """Make a line of 3,000 yuan, or as given."""
        return {
            "feedetl_sn": str(number),
            "mdtrt_id": self.mdtrt_id,
            "psn_no": self.psn_no,
            "chrg_bchno": "B1",
            "fee_ocur_time": DAY,
            "med_list_codg": code,
            "medins_list_codg": "H1",
            "det_item_fee_sumamt": 3000.0,
            "cnt": 1.0,
            "pric": 3000.0,
            "hosp_appr_flag": "0",
            "rx_circ_flag": "0",
            **fields,
        }

    def upload(self, *lines: dict[str, Any]) -> list[dict[str, Any]]:
        """Send the lines."""
        said = self.till.call("2204", {"feedetail": list(lines or [self.line()])})
        return said["result"]  # type: ignore[no-any-return]

    def charge(self, **fields: Any) -> dict[str, Any]:
        """Make the node of 2206 and 2207."""
        data = {
            "psn_no": self.psn_no,
            "mdtrt_id": self.mdtrt_id,
            "chrg_bchno": "B1",
            "medfee_sumamt": 3000.0,
            "med_type": "11",
            "insutype": "310",
            "acct_used_flag": "0",
            "mdtrt_cert_type": "02",
            "psn_setlway": "01",
            **fields,
        }
        return {"data": data}

    def settle(self, **fields: Any) -> dict[str, Any]:
        """Settle, and give `setlinfo`."""
        said = self.till.call("2207", self.charge(**fields))
        return said["setlinfo"]  # type: ignore[no-any-return]

    def refund(self, setl_id: str) -> dict[str, Any]:
        """Take a settlement back, and give `setlinfo`."""
        data = {"psn_no": self.psn_no, "mdtrt_id": self.mdtrt_id, "setl_id": setl_id}
        return self.till.call("2208", {"data": data})["setlinfo"]  # type: ignore[no-any-return]


def bought(psn_no: str, **fields: Any) -> dict[str, Any]:
    """Make the nodes of 2101 and 2102: 100 yuan, by prescription."""
    head = {
        "psn_no": psn_no,
        "insutype": "310",
        "med_type": "41",
        "begntime": DAY,
        "medfee_sumamt": 100,
        "acct_used_flag": "0",
        **fields,
    }
    line = {
        "feedetl_sn": "1",
        "fee_ocur_time": DAY,
        "med_list_codg": "XA",
        "det_item_fee_sumamt": 100,
        "cnt": 1,
        "pric": 100,
        "rxno": "RX1",
        "rxfixmedins_code": "H42010000001",
    }
    return {"druginfo": head, "drugdetail": [line]}
