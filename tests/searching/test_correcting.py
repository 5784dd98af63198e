"""Correctors follow the generations of an index, and let go of former ones."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from listed import Listed

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.errors import IndexDamaged
from searchsvc.searching.correcting import Correctors

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMER = {"собянин": 400, "мэр": 700}
NEW = FORMER | {"собянен": 300}


@dataclass
class Forms:
    """As much of an engine as a corrector is made of; its forms come when they may."""

    generation: int
    counts: Mapping[str, int]
    may: threading.Event = field(default_factory=threading.Event)

    @property
    def forms(self) -> Listed:
        assert self.may.wait(30)
        if not self.counts:
            raise IndexDamaged("its forms cannot be read")
        return Listed(self.counts)


def made(generation: int, counts: Mapping[str, int], *, now: bool = True) -> Any:
    engine = Forms(generation, counts)
    if now:
        engine.may.set()
    return engine


@pytest.fixture
def correctors() -> Correctors:
    return Correctors(Analyzer())


def meant(correctors: Correctors, engine: Any, query: str = "Собянен") -> str | None:
    correction = correctors.correct(query, engine)
    return correction.text if correction else None


def test_a_word_that_the_new_generation_has_is_right(correctors: Correctors) -> None:
    assert meant(correctors, made(1, FORMER)) == "Собянин"
    assert meant(correctors, made(2, NEW)) is None
    assert meant(correctors, made(3, FORMER)) == "Собянин"


def test_a_corrector_is_made_once_a_generation(correctors: Correctors) -> None:
    engine = made(1, FORMER)
    assert meant(correctors, engine) == "Собянин"
    engine.counts = NEW
    assert meant(correctors, engine) == "Собянин"


def test_the_former_one_is_let_go_of_when_a_generation_is_opened(correctors: Correctors) -> None:
    meant(correctors, made(1, FORMER))
    correctors.prepare(made(2, NEW)).result(30)
    assert correctors._ready == (0, None)


def test_it_is_let_go_of_though_no_other_can_be_made(
    correctors: Correctors, caplog: pytest.LogCaptureFixture
) -> None:
    meant(correctors, made(1, FORMER))
    damaged = made(2, {})
    with caplog.at_level(logging.ERROR):
        assert meant(correctors, damaged) is None
    assert "its forms cannot be read" in caplog.text
    assert correctors._ready == (0, None)


def test_a_question_that_outlives_its_generation_does_not_bring_it_back(
    correctors: Correctors, monkeypatch: pytest.MonkeyPatch
) -> None:
    former, waits = made(1, FORMER, now=False), threading.Event()
    prepare = correctors.prepare

    def noted(engine: Any) -> Any:
        found = prepare(engine)
        waits.set()
        return found

    monkeypatch.setattr(correctors, "prepare", noted)
    monkeypatch.setattr("searchsvc.searching.correcting.PATIENCE", 30)
    answers: list[str | None] = []
    question = threading.Thread(target=lambda: answers.append(meant(correctors, former)))
    question.start()
    assert waits.wait(30)
    prepare(made(2, NEW)).result(30)
    former.may.set()
    question.join(30)
    assert answers == ["Собянин"]
    assert correctors._ready == (0, None)
