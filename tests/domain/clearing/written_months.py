"""Months written out by hand: one hospital, persons of two regions, round amounts."""

from typing import Any

from tests.domain.clearing.months import Months, hospital
from tests.domain.clearing.naive_books import FIVE

Json = dict[str, Any]
CARE, HOME = "990100", "990200"
HOSPITAL = hospital(CARE)
OF_HOSPITAL = f"institution:202201:{CARE}:{HOSPITAL}:310:11"
OF_REGION = f"region:202201:{CARE}:{HOME}:310:11"


def day(text: str, hour: int = 9) -> str:
    """Return an hour of a day in Beijing."""
    return f"{text}T{hour:02}:00:00+08:00"


class WrittenMonths(Months):
    """Asks in few words; every request gets an hour of its own."""

    def begin(self, *fen: int) -> list[str]:
        """Settle bills of a person of another region in January 2022."""
        self.found(1)
        self.enrol("PT1", HOME)
        return [
            self.bill(amount, day("2022-01-10", 8 + number))
            for number, amount in enumerate(fen)
        ]

    def bill(self, fen: int, time: str) -> str:
        """Settle one bill; the fund pays 80 % of it."""
        answer = self.settle("PT1", HOME, at=HOSPITAL, time=time, fen=fen)
        assert answer["outcome"] == "decided", answer
        return str(answer["setl_id"])

    def take_back(self, setl_id: str, time: str) -> str:
        """Refund a bill; give the id of its mirror."""
        answer = self.refund("PT1", setl_id, at=HOSPITAL, time=time)
        assert answer["outcome"] == "decided", answer
        return str(answer["setl_id"])

    def drawn(self, month: str, time: str) -> Json:
        """Draw a month."""
        return self.draw(CARE, month, time=time)

    def by_payee(self, what: str, id_: str, time: str, **data: Any) -> Json:
        """Ask something as the one whom a statement pays."""
        kind = id_.split(":", maxsplit=1)[0]
        payee = f"/medins/{HOSPITAL}" if kind == "institution" else f"/agency/{CARE}"
        return self.clearing(what, payee, region=CARE, time=time, **data)

    def declare(self, id_: str, time: str, **data: Any) -> Json:
        """Declare a statement with its own sums."""
        row = self.statement(id_)
        sums = {what: row[what] for what in FIVE}
        whole = {"statement_ids": [id_], **sums, **data}
        return self.by_payee("declare", id_, time, **whole)

    def withdraw(self, id_: str, time: str) -> Json:
        """Withdraw a declaration."""
        return self.by_payee("withdraw", id_, time, statement_id=id_)

    def by_payer(self, what: str, id_: str, time: str, **data: Any) -> Json:
        """Ask something as the one who pays a statement."""
        payer = CARE if id_.startswith("institution") else HOME
        return self.clearing(
            what,
            f"/agency/{payer}",
            region=CARE,
            time=time,
            statement_id=id_,
            **data,
        )

    def confirm(self, month: str, time: str, **flags: str) -> Json:
        """Confirm rows with their own amounts."""
        amounts = {row["setl_id"]: row for row in self.views()["settlement"]}
        return self.clearing(
            "confirm",
            f"/medins/{HOSPITAL}",
            region=CARE,
            time=time,
            clr_ym=month,
            fixmedins_code=HOSPITAL,
            rows=[
                {
                    "setl_id": setl_id,
                    "cnfm_flag": flag,
                    "medfee_sumamt_fen": amounts[setl_id]["medfee_sumamt_fen"],
                    "fund_pay_sumamt_fen": amounts[setl_id]["fund_pay_sumamt_fen"],
                }
                for setl_id, flag in flags.items()
            ],
        )

    def unconfirm(self, month: str, request_id: str, time: str) -> Json:
        """Take a confirmation back."""
        return self.clearing(
            "unconfirm",
            f"/medins/{HOSPITAL}",
            region=CARE,
            time=time,
            clr_ym=month,
            fixmedins_code=HOSPITAL,
            request_id=request_id,
        )

    def in_audit(self, id_: str, on: str, *deductions: Json) -> None:
        """Bring a drawn statement into audit, with deductions."""
        assert self.declare(id_, day(on, 10))["outcome"] == "decided"
        assert self.by_payer("accept", id_, day(on, 11))["outcome"] == "decided"
        audit = self.by_payer("audit", id_, day(on, 12), deductions=list(deductions))
        assert audit["outcome"] == "decided", audit

    def fined(self, time: str, *fines: Json) -> Json:
        """Set the fines of the hospital's statement."""
        return self.by_payer("fine", OF_HOSPITAL, time, fines=list(fines))

    def cleared(self, id_: str, on: str) -> None:
        """Bring a statement in audit to where it is paid next."""
        for hour, what in ((13, "finish-audit"), (14, "clear")):
            answer = self.by_payer(what, id_, day(on, hour))
            assert answer["outcome"] == "decided", answer

    def paid(self, id_: str, on: str) -> Json:
        """Pay a statement what it comes to."""
        owed = self.statement(id_)["payable_fen"]
        return self.by_payer("pay", id_, day(on, 15), paid_fen=owed, paid_on=on)

    def statement(self, id_: str) -> Json:
        """Return a statement as its view shows it."""
        found = self.views().get("clearing_statement", [])
        return next(one for one in found if one["statement_id"] == id_)

    def money(self, id_: str) -> tuple[int, int, int]:
        """Return what is deducted, recovered and payable of a statement."""
        row = self.statement(id_)
        return row["deducted_fen"], row["recovered_fen"], row["payable_fen"]

    def lines(self, id_: str) -> dict[str, Json]:
        """Return the rows of a statement by their ids."""
        found = self.views()["clearing_row"]
        return {one["setl_id"]: one for one in found if one["statement_id"] == id_}


def deduction(setl_id: str, fen: int) -> Json:
    """Deduct something of a row."""
    return {
        "setl_id": setl_id,
        "amount_fen": fen,
        "article": "67号第三十条",
        "reason": "超量开药",
    }


def fine(fen: int, kind: str = "administrative") -> Json:
    """Fine an institution."""
    return {
        "amount_fen": fen,
        "kind": kind,
        "article": "第二十七条",
        "reason": "分解住院",
    }


def refusal(answer: Json) -> Json:
    """Return the refusal that counts."""
    first: Json = answer["refusals"][0]
    return first


def code(answer: Json) -> str:
    """Return the outcome, or the code of the refusal that counts."""
    if answer["outcome"] != "refused":
        return str(answer["outcome"])
    return str(refusal(answer)["code"])
