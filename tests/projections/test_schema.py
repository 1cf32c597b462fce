"""The tables as analysts meet them: names, comments, roles, migrations."""

from typing import Any

import asyncpg
import pytest

from jiesuan_projections import migrate

BILL = """setl_id medins_setl_id mdtrt_id year insutype psn_type med_type clr_type
pay_loc dedc_hosp_lv dise_codg fixmedins_code mdtrtarea_admvs insuplc_admdvs service_day
pool_prop_selfpay medfee_sumamt_fen fulamt_ownpay_amt_fen overlmt_selfpay_fen
preselfpay_amt_fen inscp_scp_amt_fen act_pay_dedc_fen overcap_amt_fen hifp_pay_fen
hifob_pay_fen ratio_selfpay_fen hifes_pay_fen hifmi_pay_fen cvlserv_pay_fen maf_pay_fen
hifdm_pay_fen oth_pay_fen fund_pay_sumamt_fen psn_part_amt_fen acct_pay_fen
psn_cash_pay_fen hosp_part_amt_fen psn_no init_setl_id refd_setl_flag clr_ym recorded_at
partition offset"""
PROMISED = {
    "settlement": BILL,
    "settlement_effective": BILL,
    "person_year": """psn_no insuplc_admdvs insutype year ordinary_inscp_fen inscp_fen
    dedc_fen overcap_fen hifp_fen hifob_fen psn_part_fen setl_cnt last_setl_id
    last_partition last_offset""",
    "clearing_line": """clr_ym mdtrtarea_admvs insuplc_admdvs insutype clr_type
    fixmedins_code setl_cnt refd_cnt medfee_sumamt_fen fund_pay_sumamt_fen hifp_pay_fen
    hifob_pay_fen acct_pay_fen psn_cash_pay_fen""",
    "progress": "partition offset lag",
    "refusal": "request_source request_type code details",
    "dead_letter": "topic partition offset reason",
    "fork": "partition offset reason",
}
CATALOGUE = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
       col_description(c.oid, a.attnum), obj_description(c.oid, 'pg_class')
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'jiesuan'::regnamespace AND c.relkind IN ('r', 'v')
ORDER BY 1, a.attnum
"""


async def test_every_promised_column_is_there(retold: Any) -> None:
    """The columns of contracts §7 exist under exactly those names."""
    have: dict[str, set[str]] = {}
    for table, column, *_ in await retold.rows(CATALOGUE):
        have.setdefault(table, set()).add(column)
    missing = {
        name: set(columns.split()) - have.get(name, set())
        for name, columns in PROMISED.items()
    }
    assert not any(missing.values()), missing


async def test_every_column_has_a_comment_in_both_languages(retold: Any) -> None:
    """Each table, view and column says in Chinese and in English what it is."""
    for table, column, _, _, comment, about in await retold.rows(CATALOGUE):
        for text in (comment, about):
            assert text, (table, column)
            chinese, _, english = text.partition(" · ")
            assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese)
            assert any("a" <= letter <= "z" for letter in english), (table, column)


async def test_no_comment_is_lost_by_migrating_again(retold: Any) -> None:
    """A second migration leaves the catalogue as it is."""
    before = await retold.rows(CATALOGUE)
    await migrate(retold.dsn)
    assert await retold.rows(CATALOGUE) == before


@pytest.mark.parametrize(
    "write",
    [
        "DELETE FROM settlement",
        "UPDATE person_year SET hifp_fen = 0",
        "INSERT INTO fork (reason) VALUES ('x')",
        "TRUNCATE refusal",
        "CREATE TABLE mine ()",
        "DROP VIEW settlement_effective",
    ],
)
async def test_readers_cannot_write(retold: Any, write: str) -> None:
    """The reader's role may select everything and change nothing."""
    connection = await asyncpg.connect(retold.dsn)
    try:
        await connection.execute("SET ROLE jiesuan_reader; SET search_path = jiesuan")
        for name in PROMISED:
            await connection.fetch(f"SELECT * FROM {name}")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(write)
    finally:
        await connection.close()
