"""What ledger entries become: rows, accumulators, clearing lines, forks."""

from typing import Any

APRIL = "2022-04-02T01:00:00+00:00"
SUMS = "SELECT setl_id, refd_setl_flag, medfee_sumamt_fen FROM settlement"


async def test_a_settlement_is_one_row(log: Any, retold: Any) -> None:
    """A settlement becomes one positive row under its national names."""
    log.settle("P0001", "S1", dise_codg="M00500", balc_fen=7)
    await retold.ledger(log.records)
    [row] = await retold.connection.fetch("SELECT * FROM settlement")
    assert row["setl_id"] == "S1"
    assert row["dise_codg"] == "M00500"
    assert row["balc_fen"] == 7
    assert str(row["pool_prop_selfpay"]) == "0.8000"
    assert row["fund_pay_sumamt_fen"] == 80_000
    assert row["refd_setl_flag"] == "0"
    assert row["clr_ym"] == "202203"
    assert row["init_setl_id"] is None


async def test_a_refund_is_a_negative_row(log: Any, retold: Any) -> None:
    """A refund adds its mirror; only what stands is effective."""
    log.settle("P0001", "S1")
    log.settle("P0001", "S2", total=500, pool=400)
    log.refund("P0001", "S2", own_id="R2")
    await retold.ledger(log.records)
    assert await retold.rows(SUMS + ' ORDER BY "offset"') == [
        ("S1", "0", 100_000),
        ("S2", "0", 500),
        ("R2", "1", -500),
    ]
    assert await retold.rows("SELECT setl_id FROM settlement_effective") == [("S1",)]


async def test_a_gap_refund_is_all_its_rows(log: Any, retold: Any) -> None:
    """A gap refund reverses newest first and re-settles, in the order of its fact."""
    log.settle("P0001", "S1", total=1_000, pool=800)
    log.settle("P0001", "S2", total=500, pool=400)
    gone = [log.mirror("S2", own_id="G0"), log.mirror("S1", own_id="G1")]
    again = log.block("G2", total=500, pool=300, replaces_setl_id="S2")
    fact = {
        "target_setl_id": "S1",
        "fixmedins_code": "H42010090001",
        "mdtrt_id": "V1",
        "year": "2022",
        "insutype": "310",
        "reversed": gone,
        "resettled": [again],
        "cum": log.cum("P0001", *gone, again),
    }
    log.fact("P0001", "gap-refunded", fact)
    await retold.ledger(log.records)
    rows = await retold.rows(SUMS + ' ORDER BY "offset", seq')
    assert rows[2:] == [("G0", "1", -500), ("G1", "1", -1_000), ("G2", "0", 500)]
    assert await retold.rows("SELECT setl_id FROM settlement_effective") == [("G2",)]
    [year] = await retold.connection.fetch("SELECT * FROM person_year")
    assert (year["hifp_fen"], year["setl_cnt"]) == (300, 1)
    assert year["last_setl_id"] == "G2"


async def test_compensations_reverse_or_do_nothing(log: Any, retold: Any) -> None:
    """A compensation adds a mirror when it reversed, and no row when it did not."""
    log.settle("P0001", "S1")
    mirror = log.mirror("S1", own_id="C1")
    about = {"omsgid": "MS1", "oinfno": "2207"}
    log.fact(
        "P0001",
        "compensated",
        {
            **mirror,
            **about,
            "compensated": "reversed",
            "cum": log.cum("P0001", mirror),
        },
    )
    log.fact(
        "P0001",
        "compensated",
        {
            **about,
            "fixmedins_code": "H42010090001",
            "compensated": "already-reversed",
        },
    )
    await retold.ledger(log.records)
    assert await retold.rows("SELECT setl_id FROM settlement_effective") == []
    assert await retold.rows("SELECT count(*) FROM settlement") == [(2,)]
    assert await retold.rows("SELECT count(*) FROM fork") == [(0,)]


async def test_clearing_is_net_in_the_month_of_recording(log: Any, retold: Any) -> None:
    """A refund of March recorded in April is April's, negative."""
    log.settle("P0001", "S1")
    log.settle("P0002", "S2", total=300, pool=200)
    log.recorded_at = APRIL
    log.refund("P0001", "S1", own_id="R1")
    await retold.ledger(log.records)
    assert await retold.rows(
        "SELECT clr_ym, setl_cnt, refd_cnt, fund_pay_sumamt_fen, psn_cash_pay_fen"
        " FROM clearing_line ORDER BY clr_ym"
    ) == [("202203", 2, 0, 80_200, 20_100), ("202204", 0, 1, -80_000, -20_000)]


async def test_the_month_turns_at_beijing_midnight(log: Any, retold: Any) -> None:
    """An entry of 16:00 UTC on the last day of March belongs to April."""
    log.recorded_at = "2022-03-31T15:59:59+00:00"
    log.settle("P0001", "S1")
    log.recorded_at = "2022-03-31T16:00:00Z"
    log.settle("P0001", "S2")
    await retold.ledger(log.records)
    assert await retold.rows('SELECT clr_ym FROM settlement ORDER BY "offset"') == [
        ("202203",),
        ("202204",),
    ]


async def test_an_inpatient_report_keeps_the_last_settlement(
    log: Any, retold: Any
) -> None:
    """A report made elsewhere moves 24万 and names no settlement of its own."""
    log.settle("P0001", "S1", total=1_000, pool=800)
    report = {
        "insutype": "310",
        "year": "2022",
        "mdtrt_id": "V9",
        "inscp_scp_amt_fen": 5_000,
    }
    log.fact(
        "P0001",
        "inpatient-reported",
        {**report, "cum": log.cum("P0001", reported=5_000)},
    )
    await retold.ledger(log.records)
    assert await retold.rows(
        "SELECT ordinary_inscp_fen, inscp_fen, setl_cnt, last_setl_id FROM person_year"
    ) == [(1_000, 6_000, 1, "S1")]
    assert await retold.rows(
        "SELECT mdtrt_id, inscp_scp_amt_fen FROM inpatient_report"
    ) == [("V9", 5_000)]


async def test_the_register_keeps_what_was_said(log: Any, retold: Any) -> None:
    """Enrolments, qualifications, their ends and filings are rows of the register."""
    log.fact(
        "P0001",
        "enrolled",
        {
            "insutype": "310",
            "psn_type": "11",
            "insuplc_admdvs": "429900",
            "brdy": "1980-01-01",
            "begndate": "2020-01-01",
        },
    )
    disease = {"insutype": "310", "opsp_dise_code": "M00500"}
    log.fact("P0001", "qualified", {**disease, "begndate": "2022-01-01"})
    memo = {"enddate": "2022-02-01", "memo": "a\x00b"}
    log.fact("P0001", "disqualified", {**disease, **memo})
    log.fact(
        "P0001",
        "filed",
        {
            "insutype": "310",
            "filing_type": "referred",
            "rloc_admdvs": "510000",
            "begndate": "2022-01-01",
        },
    )
    await retold.ledger(log.records)
    assert await retold.rows(
        'SELECT opsp_dise_code, qualified, memo FROM qualification ORDER BY "offset"'
    ) == [("M00500", True, None), ("M00500", False, "a\ufffdb")]
    assert await retold.rows("SELECT psn_type FROM enrolment") == [("11",)]
    assert await retold.rows("SELECT rloc_admdvs FROM filing") == [("510000",)]
    assert await retold.rows("SELECT count(*) FROM fork") == [(0,)]
