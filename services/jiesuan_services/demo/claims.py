"""What must hold after a year, each as one plain sentence that may turn out false."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from jiesuan_domain.policy.model import Packs
from jiesuan_events.words.regions import called
from jiesuan_events.words.topics import ANSWERS, LEDGER
from jiesuan_services.audit.verifying.report import Report
from jiesuan_services.clerk.trial import Trial
from jiesuan_services.client.sending import answer_line
from jiesuan_services.demo.living import Lived
from jiesuan_services.demo.town.messages import Posted

Data = dict[str, Any]
ANSWERABLE_POISON = ("bad-bytes", "bad-json", "wrong-key", "wrong-partition")
"""Poison whose sender is known: it gets an answer too."""

POOL = ("insuplc_admdvs", "insutype", "year")
COUNTED_ANEW = (
    ("dedc_fen", "act_pay_dedc_fen"),
    ("overcap_fen", "overcap_amt_fen"),
    ("hifp_fen", "hifp_pay_fen"),
    ("psn_part_fen", "psn_part_amt_fen"),
)
"""What a year comes to, and the amount of a settlement that it is the sum of."""


@dataclass(frozen=True, slots=True)
class TownClaim:
    """One sentence, whether it holds, and what was found."""

    zh: str
    holds: bool
    found: str


def outcome(data: Data) -> str:
    """Return an answer's outcome, or the code of the refusal that counts."""
    if data["outcome"] != "refused":
        return str(data["outcome"])
    return str(data["refusals"][0]["code"])


def without_place(data: Data) -> Data:
    """Leave out where an entry stands in Kafka: memory has no partitions."""
    kept = {name: value for name, value in data.items() if name != "entry"}
    for refusal in kept.get("refusals", ()):
        for name in ("partition", "offset"):
            refusal["details"].get("first_entry", {}).pop(name, None)
    return kept


def in_memory(posted: tuple[Posted, ...], packs: Packs) -> Iterator[Data]:
    """Decide the same requests by the law in memory, without Kafka."""
    trial = Trial(packs)
    for number, one in enumerate(posted, 1):
        line = trial.answer(orjson.dumps(one.message).decode(), number)
        data: Data = orjson.loads(line)["data"]
        yield data


def answered(lived: Lived) -> TownClaim:
    """Hold the number of answers against the number of requests."""
    came = _grown(lived, ANSWERS)
    poison = sum(1 for one in lived.poison if one.reason in ANSWERABLE_POISON)
    asked = len(lived.year.posted)
    return TownClaim(
        "每条请求恰有一个应答",
        came == asked + poison and len(lived.answers) == asked,
        f"请求 {asked:,} 条，另有能告知发送方的坏消息 {poison} 条，应答 {came:,} 个",
    )


def as_expected(lived: Lived) -> TownClaim:
    """Hold every outcome against what the town said would come."""
    unlike: Counter[str] = Counter()
    for one, record in zip(lived.year.posted, lived.answers, strict=True):
        came = outcome(orjson.loads(record.value or b""))
        if one.expects not in (came, "again"):
            unlike[f"{one.kind}: {came}"] += 1
    return TownClaim(
        "每条请求的结果都是事先写下的结果",
        not unlike,
        _names(unlike) or f"{len(lived.answers):,} 个结果逐一核对",
    )


def same_again(lived: Lived) -> TownClaim:
    """Hold the answers to what was sent twice against the first, byte for byte."""
    first: dict[str, str] = {}
    unlike = count = 0
    for one, record in zip(lived.year.posted, lived.answers, strict=True):
        name = one.message["source"] + one.message["id"]
        if one.expects == "again":
            count += 1
            unlike += answer_line(record) != first[name]
        elif one.kind != "duplicate-different":
            first[name] = answer_line(record)
    return TownClaim(
        "重发的请求得到逐字节相同的应答，账上只记一次",
        count > 0 and not unlike,
        f"重发 {count} 条，不同 {unlike} 条",
    )


def same_in_memory(lived: Lived, packs: Packs) -> TownClaim:
    """Hold every answer from Kafka against the law's in memory, fen for fen."""
    unlike: Counter[str] = Counter()
    decided = in_memory(lived.year.posted, packs)
    rows = zip(lived.year.posted, lived.answers, decided, strict=True)
    for one, record, expected in rows:
        if without_place(orjson.loads(record.value or b"")) != without_place(expected):
            unlike[one.kind] += 1
    return TownClaim(
        "经 Kafka 的每个应答与内存中单线程重算的逐分一致",
        not unlike,
        _names(unlike) or f"{len(lived.answers):,} 个应答逐字段核对",
    )


def put_aside(lived: Lived, letters: set[tuple[int, int, str]]) -> TownClaim:
    """Hold the dead letters against the records that nobody can read."""
    missing = [
        one.reason
        for one in lived.poison
        if (one.partition, one.offset, one.reason) not in letters
    ]
    found = "、".join(one.reason for one in lived.poison)
    return TownClaim(
        "读不懂的消息原样存入死信并写明原因",
        not missing,
        f"缺少 {'、'.join(missing)}" if missing else found,
    )


def forgery_named(lived: Lived, report: Report) -> TownClaim:
    """Hold the forks that verify found in this year against the one forged."""
    forged = lived.forged
    found = [
        (fork.partition, fork.offset)
        for fork in report.forks
        if fork.offset >= lived.begin[LEDGER, fork.partition]
    ]
    return TownClaim(
        "verify 指出伪造的那一笔，且只有这一笔",
        found == [(forged.partition, forged.offset)],
        f"分区 {forged.partition} 偏移 {forged.offset}；verify 指出 {found}",
    )


def chains_hold(report: Report) -> TownClaim:
    """Hold every chain and every sum of the log."""
    return TownClaim(
        "每个人的账目链完整，累计等于各笔之和",
        not report.wrong and report.entries > 0,
        "；".join(report.wrong[:3])
        or f"{report.persons:,} 人，{report.entries:,} 笔账",
    )


def tables_agree(tables: Data) -> TownClaim:
    """Hold the tables against the log."""
    differences = tables["differences"]
    return TownClaim(
        "日志与表一致",
        not differences and tables["rows"] > 0,
        "；".join(differences[:3]) or f"{tables['rows']:,} 行结算与日志相等",
    )


def crossed(row: Data | None) -> TownClaim:
    """Hold that somebody's year went beyond 24万 and the large-sum fund paid."""
    paid = 0 if row is None else row["hifob_fen"]
    reached = 0 if row is None else row["inscp_fen"]
    return TownClaim(
        "有人的年度累计超过24万元，超过部分由大额支付",
        paid > 0 and reached > 24_000_000,
        f"累计 {reached / 100:,.2f} 元，大额支付 {paid / 100:,.2f} 元",
    )


def moved(pools: Sequence[Data], settled: Sequence[Data]) -> TownClaim:
    """Hold that who moved has a year in each region, the sum of what was paid there."""
    unlike = [
        str(pool["insuplc_admdvs"])
        for pool in pools
        if pool["dedc_fen"] <= 0
        or any(
            pool[name] != sum(row[wire] for row in settled if _same_pool(row, pool))
            for name, wire in COUNTED_ANEW
        )
    ]
    regions = [called(pool["insuplc_admdvs"]) for pool in pools]
    paid = "，".join(
        f"{name}起付线 {pool['dedc_fen'] / 100:,.2f} 元"
        for name, pool in zip(regions, pools, strict=True)
    )
    return TownClaim(
        "换了参保地的人在新参保地从头累计，原参保地的不变",
        len(pools) > 1 and not unlike,
        f"不符：{'、'.join(unlike)}" if unlike else paid,
    )


def _same_pool(row: Data, pool: Data) -> bool:
    return all(row[name] == pool[name] for name in POOL)


def _grown(lived: Lived, topic: str) -> int:
    return sum(
        end - lived.begin[place]
        for place, end in lived.end.items()
        if place[0] == topic
    )


def _names(unlike: Counter[str]) -> str:
    return "；".join(f"{name} × {count}" for name, count in unlike.most_common(3))
