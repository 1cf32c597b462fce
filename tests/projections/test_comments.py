"""Comments are written once, in the DDL, and come into the database from there."""

import re

import pytest

from jiesuan_events.words.codes import ORDINARY
from jiesuan_events.words.glossary import WORDS
from jiesuan_projections.engine.models import MODELS, SUPPORT
from jiesuan_projections.engine.tables.comments import with_comments
from jiesuan_projections.engine.tables.sql import query, tables

CHINESE = dict(WORDS.values())
COMMENT = re.compile(r"COMMENT ON COLUMN (\w+)\.\"?(\w+)\"? IS '((?:[^']|'')*)';")
OTHERWISE = {
    "insuplc_admdvs": "参保地",
    "mdtrtarea_admvs": "就医地",
    "setl_cnt": "结算笔数",
}
"""Columns whose comment begins with a shorter form of the glossary's term."""
DDL = """\
-- 甲 · one
CREATE TABLE IF NOT EXISTS one (
  -- 编号 · it's a number
  number  text NOT NULL,
  "order" bigint
);
-- 乙 · two
CREATE OR REPLACE VIEW two AS
SELECT s.*
FROM one s;
-- 丙 · three
CREATE OR REPLACE VIEW three AS
SELECT
  -- 次序 · order
  c."order",
  -- 和 · sum
  a + b AS total
FROM one c;
"""


def test_a_comment_above_becomes_the_comment_of_what_it_stands_above() -> None:
    """Tables, views and columns get the line above; `s.*` takes the table's over."""
    said = with_comments(DDL).removeprefix(DDL).splitlines()
    assert said == [
        "COMMENT ON TABLE one IS '甲 · one';",
        "COMMENT ON COLUMN one.number IS '编号 · it''s a number';",
        "COMMENT ON VIEW two IS '乙 · two';",
        "COMMENT ON COLUMN two.number IS '编号 · it''s a number';",
        "COMMENT ON VIEW three IS '丙 · three';",
        "COMMENT ON COLUMN three.\"order\" IS '次序 · order';",
        "COMMENT ON COLUMN three.total IS '和 · sum';",
    ]


@pytest.mark.parametrize("folder", [*SUPPORT, *MODELS])
def test_columns_are_called_what_the_glossary_calls_them(folder: str) -> None:
    """A column under a national name has the glossary's Chinese in its comment."""
    for _, column, text in COMMENT.findall(tables(folder)):
        term = OTHERWISE.get(column, CHINESE.get(column, ""))
        chinese = text.split(" · ")[0]
        assert term.split("（")[0] in chinese or not term, (column, term, chinese)


def test_ordinary_care_is_the_same_care_in_sql() -> None:
    """The statement that holds a year against its rows counts the codes of the law."""
    [listed] = re.findall(
        r"med_type IN \(([^)]*)\)", query("person_year", "disagreements")
    )
    assert set(re.findall(r"'(\d+)'", listed)) == ORDINARY
