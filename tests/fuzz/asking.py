"""One line is asked, and what comes is held to be one answer."""

import json
from typing import Any, Final

from jiesuan_domain.policy.model import Packs
from jiesuan_services.clerk.trial import Trial
from jiesuan_services.cli.pages.answer import answer_lines
from jiesuan_services.intake.lines import WHITE_SPACE

OUTCOMES: Final = {"decided", "quoted", "recorded", "refused"}


def as_text(raw: bytes) -> str:
    """Return a line as `try` reads it."""
    return raw.decode("utf-8", "surrogateescape")


class Asked:
    """A trial, and the lines that it was asked since it knew nothing."""

    def __init__(self, packs: Packs) -> None:
        self.lines: list[bytes] = []
        self._trial = Trial(packs)

    def answer(self, raw: bytes) -> str | None:
        """Ask a line; give its outcome in a word, None if it is blank and says nothing.

        Its answer is one line of JSON, and can be explained in lines that print.
        """
        self.lines.append(raw)
        line = as_text(raw)
        if not line.strip(WHITE_SPACE):
            assert list(self._trial.answers([line])) == []
            return None
        (answer,) = self._trial.answers([line])
        assert "\n" not in answer
        said = json.loads(answer.encode("utf-8"))
        assert said["data"]["outcome"] in OUTCOMES
        for shown in answer_lines(len(self.lines), said):
            assert shown.splitlines() == [shown]
            assert "\x1b" not in shown
            shown.encode("utf-8")
        return _in_a_word(said["data"])


def _in_a_word(data: dict[str, Any]) -> str:
    if data["outcome"] == "refused":
        return str(data["refusals"][0]["code"])
    return str(data["outcome"])
