"""Nodes written for people."""

from __future__ import annotations

import pytest

from searchsvc.query.describing import described
from searchsvc.query.tree import All, Any, Constant, Everything, Nothing, Phrase, Value, Word
from searchsvc.schema import Field


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("стали", "стать/сталь"),
        ("!мэра", "!мэра"),
        ('"лидера рейтинга"', '"лидер рейтинг"'),
        ('заголовок:"лидера рейтинга"', 'заголовок:"лидер рейтинг"'),
        ("мост NEAR/5 река", "мост NEAR/5 река"),
        ('"мост река маяк"~7', "мост NEAR/7 река NEAR/7 маяк"),
        ("здрав*", "здрав*"),
        ("м?сква", "м?сква"),
        ("Собянен~", "собянен~"),
        ("Собянен~2", "собянен~2"),
        ("дата:2021-02", "дата:2021-02"),
        ("после:2021", "после:2021-01-01"),
        ("маяк -(мост река)", "маяк -(мост река)"),
        ("маяк (мост | река)", "маяк (мост | река)"),
        ("", "*"),
    ],
)
def test_a_node_reads_much_as_it_was_typed(typed: str, written: str, ask) -> None:
    assert described(ask(typed).node, {}) == written


def test_a_typed_word_stands_as_it_was() -> None:
    word = Word(("маяк",))
    assert described(All((word, Any((word, Word(("мост",)))))), {word: "Маяку"}) == (
        "Маяку (Маяку | мост)"
    )
    assert described(Phrase((word, Word(("мост",)))), {word: "Маяку"}) == '"Маяку мост"'


def test_what_cannot_be_typed_reads_too() -> None:
    assert described(Value(Field.SOURCE, "Голос"), {}) == 'источник:"Голос"'
    assert described(Constant(Word(("маяк",)), 9.0), {}) == "маяк"
    assert described(All((Everything(), Nothing())), {}) == "* "
