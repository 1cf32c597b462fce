"""The record digest: as another program computed it, and different for all else."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from jiesuan_services.audit.tree.digest import TreeRecord, record_digest

NUMBERS = st.integers(0, 2**63 - 1)
BYTES = st.none() | st.binary(max_size=40)
NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
HEADERS = st.lists(st.tuples(NAMES, BYTES), max_size=4).map(tuple)
RECORDS = st.builds(
    TreeRecord,
    partition=NUMBERS,
    offset=NUMBERS,
    key=BYTES,
    value=BYTES,
    headers=HEADERS,
)


def stored(text: str | None) -> bytes | None:
    """Return the bytes of what the vectors say as text."""
    return None if text is None else text.encode()


def test_digests_are_those_of_another_program(note_vectors: Any) -> None:
    """A program in Go that was written from the contract gives the same digests."""
    for said in note_vectors["records"]:
        record = TreeRecord(
            said["partition"],
            said["offset"],
            stored(said["key"]),
            stored(said["value"]),
            tuple((name, stored(value)) for name, value in said["headers"]),
        )
        assert record_digest(record).hex() == said["digest"]


@given(RECORDS, RECORDS)
def test_other_records_have_other_digests(one: TreeRecord, other: TreeRecord) -> None:
    """Two records have one digest only if they are the same in every part."""
    assert (record_digest(one) == record_digest(other)) == (one == other)


def test_parts_do_not_run_into_each_other() -> None:
    """The same bytes in another part, and empty against absent, are other records."""
    same_bytes = [
        TreeRecord(0, 1, b"ab", b"", ()),
        TreeRecord(0, 1, b"a", b"b", ()),
        TreeRecord(0, 1, b"", b"ab", ()),
        TreeRecord(0, 1, None, b"ab", ()),
        TreeRecord(0, 1, b"ab", None, ()),
        TreeRecord(1, 0, b"ab", b"", ()),
        TreeRecord(0, 1, b"", b"", (("ab", b""),)),
        TreeRecord(0, 1, b"", b"", (("a", b"b"),)),
        TreeRecord(0, 1, b"", b"", (("a", None), ("b", None))),
        TreeRecord(0, 1, b"", b"", (("b", None), ("a", None))),
    ]
    assert len({record_digest(one) for one in same_bytes}) == len(same_bytes)
