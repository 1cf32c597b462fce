"""What ledger entries become: rows, accumulators, clearing lines, forks."""

from typing import Any

from jiesuan_projections.engine.checks.agreement import disagreements

ENROLLED = {
    "insutype": "310",
    "psn_type": "11",
    "insuplc_admdvs": "429900",
    "brdy": "1980-01-01",
    "begndate": "2020-01-01",
}
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
    log.fact("P0001", "enrolled", ENROLLED)
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


async def test_who_moves_has_a_row_in_each_pool(log: Any, retold: Any) -> None:
    """Settlements count in their region; a report that names none where home is."""
    report = {"insutype": "310", "year": "2022", "mdtrt_id": "V9"}
    log.fact("P0001", "enrolled", ENROLLED)
    log.settle("P0001", "S1", total=1_000, pool=800)
    moved = {**ENROLLED, "insuplc_admdvs": "420100", "begndate": "2022-06-01"}
    log.fact("P0001", "enrolled", moved)
    await retold.ledger(log.records)
    projected = len(log.records)
    named = {**report, "insuplc_admdvs": "429900", "inscp_scp_amt_fen": 7}
    for fen, body in ((5, {**report, "inscp_scp_amt_fen": 5}), (7, named)):
        cum = log.cum("P0001", reported=fen)
        log.fact("P0001", "inpatient-reported", {**body, "cum": cum})
    log.settle("P0001", "S2", total=500, pool=400, insuplc_admdvs="420100")
    await retold.ledger(log.records[projected:])
    assert await retold.rows(
        "SELECT insuplc_admdvs, inscp_fen, hifp_fen, setl_cnt, last_setl_id"
        " FROM person_year ORDER BY 1"
    ) == [("420100", 505, 400, 1, "S2"), ("429900", 1_007, 800, 1, "S1")]
    assert await retold.rows(
        "SELECT insuplc_admdvs, inscp_scp_amt_fen"
        ' FROM inpatient_report ORDER BY "offset"'
    ) == [("420100", 5), ("429900", 7)]
    assert await disagreements(retold.connection) == []


async def test_home_is_learned_within_a_batch(log: Any, retold: Any) -> None:
    """A report counts where the person was last enrolled before it, in a batch too."""
    report = {"insutype": "310", "year": "2022", "mdtrt_id": "V9"}
    for begin, region in (("2022-06-01", "420100"), ("2022-01-01", "429900")):
        enrolled = {**ENROLLED, "insuplc_admdvs": region, "begndate": begin}
        log.fact("P0001", "enrolled", enrolled)
    cum = log.cum("P0001", reported=5)
    body = {**report, "inscp_scp_amt_fen": 5, "cum": cum}
    log.fact("P0001", "inpatient-reported", body)
    again = {**ENROLLED, "insuplc_admdvs": "511700", "begndate": "2022-06-01"}
    log.fact("P0001", "enrolled", again)
    await retold.ledger(log.records)
    assert await retold.rows("SELECT insuplc_admdvs, inscp_fen FROM person_year") == [
        ("420100", 5)
    ]
    assert await retold.rows("SELECT insuplc_admdvs FROM person_home") == [("511700",)]


async def test_the_register_keeps_what_was_said(log: Any, retold: Any) -> None:
    """Enrolments, qualifications, their ends and filings are rows of the register."""
    log.fact("P0001", "enrolled", ENROLLED)
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
            "refl_fixmedins_code": "H42010090001",
            "begndate": "2022-01-01",
        },
    )
    ended = {"insutype": "310", "enddate": "2022-03-01", "memo": "a\x00b"}
    log.fact("P0001", "unfiled", {**ended, "rloc_admdvs": "510000"})
    chosen = {"insutype": "310", "fixmedins_code": "H42010090001"}
    log.fact("P0001", "designated", {**chosen, "begndate": "2022-01-01"})
    log.fact("P0001", "undesignated", {**chosen, **ended})
    await retold.ledger(log.records)
    assert await retold.rows(
        'SELECT opsp_dise_code, qualified, memo FROM qualification ORDER BY "offset"'
    ) == [("M00500", True, None), ("M00500", False, "a\ufffdb")]
    assert await retold.rows("SELECT psn_type FROM enrolment") == [("11",)]
    assert await retold.rows(
        "SELECT filed, filing_type, rloc_admdvs, refl_fixmedins_code, memo"
        ' FROM filing ORDER BY "offset"'
    ) == [
        (True, "referred", "510000", "H42010090001", None),
        (False, None, "510000", None, "a\ufffdb"),
    ]
    assert await retold.rows(
        "SELECT designated, fixmedins_code, enddate::text"
        ' FROM designation ORDER BY "offset"'
    ) == [(True, "H42010090001", None), (False, "H42010090001", "2022-03-01")]
    assert await retold.rows("SELECT count(*) FROM fork") == [(0,)]
