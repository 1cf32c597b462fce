"""Witnesses over HTTP: a checkpoint counts when they have signed it, and not before."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from jiesuan_events.words.topics import SEALS
from jiesuan_services.audit.sealing.keyfile import SealRefused
from jiesuan_services.audit.sealing.sealer import seal_ledger
from jiesuan_services.audit.sealing.witnesses.witness import (
    Witness,
    read_witnesses,
)
from jiesuan_services.audit.tree.files.seal import read_seal
from jiesuan_services.audit.tree.merkle import EMPTY_ROOT, check_consistency
from jiesuan_services.audit.tree.notes.checkpoint import opened_checkpoint
from jiesuan_services.audit.tree.notes.cosignature import cosigned, cosigned_at
from jiesuan_services.audit.tree.notes.keys import COSIGNATURE, NOTE, SignerKey
from jiesuan_services.audit.tree.text import FormatError, read_base64

KEY = SignerKey("jiesuan.invalid/log", NOTE, bytes(range(32)))
SECOND = SignerKey("witness.invalid/w1", COSIGNATURE, bytes(range(32, 64)))


class Office:
    """A witness's office: what it signed last, and what it is asked."""

    def __init__(self) -> None:
        self.size, self.root = 0, EMPTY_ROOT
        self.key = SECOND
        self.asked: list[int] = []

    def answer(self, body: str) -> tuple[int, str]:
        """Sign a tree that grew out of the last one, as tlog-witness says."""
        head, _, note = body.partition("\n\n")
        first, *lines = head.split("\n")
        old = int(first.removeprefix("old "))
        self.asked.append(old)
        tree = opened_checkpoint(note, KEY.verifier)
        if old != self.size:
            return 409, f"{self.size}\n"
        try:
            check_consistency(
                (self.size, self.root),
                (tree.size, tree.root),
                proof=[read_base64(line) for line in lines],
            )
        except FormatError:
            return 422, ""
        self.size, self.root = tree.size, tree.root
        return 200, cosigned(note, self.key, at=1_700_000_000)[len(note) :]


@pytest.fixture
def office() -> Iterator[Any]:
    """An office that answers at an address of its own."""
    office = Office()

    class WitnessHandler(BaseHTTPRequestHandler):
        """Reads what is posted and answers it."""

        def do_POST(self) -> None:
            """Answer."""
            length = int(self.headers["Content-Length"])
            status, said = office.answer(self.rfile.read(length).decode())
            assert self.path == "/add-checkpoint"
            self.send_response(status)
            self.end_headers()
            self.wfile.write(said.encode())

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), WitnessHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    office.url = f"http://127.0.0.1:{server.server_port}"  # type: ignore[attr-defined]
    yield office
    server.shutdown()
    server.server_close()


async def seal(ledger: Any, folder: Path, office: Any) -> Any:
    """Seal a ledger under the eyes of an office."""
    witness = Witness(SECOND.verifier, office.url)
    return await seal_ledger(
        ledger.log, folder, key=KEY, partitions=3, witnesses=[witness]
    )


async def test_a_seal_carries_the_second_signature(
    lived: Any, office: Any, tmp_path: Path
) -> None:
    """Every seal has both signatures, and each tree is shown to have grown."""
    for _ in range(3):
        await seal(lived, tmp_path / "tree", office)
        lived.fork(1)
    notes = [read_seal(one.value).checkpoint for one in lived.log.partitions[SEALS, 0]]
    sizes = [opened_checkpoint(note, KEY.verifier).size for note in notes]
    assert [cosigned_at(note, SECOND.verifier) for note in notes] == [1_700_000_000] * 3
    assert office.asked == [0, *sizes[:-1]]


async def test_a_witness_that_comes_later_is_told_the_past(
    lived: Any, office: Any, tmp_path: Path
) -> None:
    """A witness that has seen less says so, and is shown the growth from there."""
    await seal_ledger(lived.log, tmp_path / "tree", key=KEY, partitions=3)
    lived.fork(0)
    sealed = await seal(lived, tmp_path / "tree", office)
    assert office.asked == [sealed.seal.size - 1, 0]
    assert office.size == sealed.seal.size


async def test_another_past_is_not_signed(
    lived: Any, office: Any, tmp_path: Path
) -> None:
    """Who has seen another tree does not sign, and no seal is written."""
    office.size, office.root = 7, bytes(32)
    with pytest.raises(SealRefused, match="拒绝签署（HTTP 422）"):
        await seal(lived, tmp_path / "tree", office)
    assert lived.log.partitions[SEALS, 0] == []


async def test_a_false_signature_is_none(
    lived: Any, office: Any, tmp_path: Path
) -> None:
    """A line by another key of the same name, or none at all, does not count."""
    office.key = SignerKey(SECOND.name, COSIGNATURE, bytes(32))
    with pytest.raises(SealRefused, match="签名无效"):
        await seal(lived, tmp_path / "tree", office)
    assert lived.log.partitions[SEALS, 0] == []


async def test_a_silent_witness_is_waited_for(lived: Any, tmp_path: Path) -> None:
    """Where nobody answers nothing is sealed, and the witness is named."""

    class Nobody:
        url = "http://127.0.0.1:9"

    with pytest.raises(SealRefused, match=r"witness\.invalid/w1.*没有回应"):
        await seal(lived, tmp_path / "tree", Nobody())
    assert lived.log.partitions[SEALS, 0] == []


def test_witnesses_are_read_from_a_file(tmp_path: Path) -> None:
    """A line names a verifier key and a URL; anything else is refused by the file."""
    file = tmp_path / "witnesses"
    vkey = SECOND.verifier.text
    file.write_text(f"{vkey} https://witness.invalid/\n\n", "utf-8")
    assert read_witnesses(file) == [Witness(SECOND.verifier, "https://witness.invalid")]
    assert read_witnesses(None) == []
    for text in (
        vkey,
        f"{vkey} ftp://x",
        f"{KEY.verifier.text} https://x",
        "x https://x",
    ):
        file.write_text(text, "utf-8")
        with pytest.raises(SealRefused, match="JIESUAN_WITNESSES"):
            read_witnesses(file)
    with pytest.raises(SealRefused, match="JIESUAN_WITNESSES"):
        read_witnesses(tmp_path / "none")
