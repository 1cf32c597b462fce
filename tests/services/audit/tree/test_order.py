"""Where a record stands in the tree: seal by seal, then by partition and offset."""

from hypothesis import given
from hypothesis import strategies as st

from jiesuan_services.audit.tree.order import Run, index_of, runs, size_of

GROWTH = st.lists(
    st.lists(st.integers(0, 4), min_size=3, max_size=3), min_size=1, max_size=5
)


def sealed(growth: list[list[int]]) -> list[dict[int, int]]:
    """Return the ends of seals by how much each partition grew before each."""
    ends = {0: 0, 1: 0, 2: 0}
    made = []
    for more in growth:
        ends = {one: last + more[one] for one, last in ends.items()}
        made.append(ends)
    return made


def test_runs_follow_the_seals() -> None:
    """A seal appends what came since the last one, in the order of partitions."""
    assert list(runs([{0: 1, 1: 0}, {0: 1, 1: 2}, {0: 3, 1: 2}])) == [
        Run(0, 0, 1, 0),
        Run(1, 0, 0, 2),
        Run(1, 1, 2, 3),
        Run(0, 2, 3, 5),
    ]


@given(GROWTH)
def test_every_record_has_one_place(growth: list[list[int]]) -> None:
    """The places of all sealed records are 0, 1, 2 … without a gap or a double."""
    ends = sealed(growth)
    last = ends[-1]
    places = {
        index_of(ends, partition, offset=offset)
        for partition in last
        for offset in range(last[partition] + 1)
    }
    assert places == set(range(size_of(last)))


@given(GROWTH)
def test_a_later_seal_moves_nothing(growth: list[list[int]]) -> None:
    """What a seal put in its place stays there whatever is sealed after it."""
    ends = sealed(growth)
    for count, sealed_then in enumerate(ends, start=1):
        for partition, last in sealed_then.items():
            at = index_of(ends, partition, offset=last)
            assert at == index_of(ends[:count], partition, offset=last)


def test_what_is_not_sealed_has_no_place() -> None:
    """Beyond the last seal, and in a partition that is none, there is no leaf."""
    ends = [{0: 1, 1: 0}]
    assert index_of(ends, 0, offset=2) is None
    assert index_of(ends, 2, offset=0) is None
    assert index_of([], 0, offset=0) is None
