"""What names that mean the same are worth: never more than the one that was typed."""

from __future__ import annotations

from searchsvc.engines.whoosh import kernel
from searchsvc.engines.whoosh.variants import scaled, shares
from searchsvc.query.tree import All, Near, Not, Phrase, Position, Variants, Word

LAND, STATE, UNION = Word(("край",)), Word(("держава",)), Word(("союз",))
IDFS = {LAND: 1.0, STATE: 4.0, UNION: 3.0}


def idf(item: Position) -> float:
    assert isinstance(item, Word)
    return IDFS[item]


def test_a_rare_name_gives_as_much_as_the_typed_one() -> None:
    assert shares((LAND, STATE), idf) == (1.0, 0.25)


def test_a_frequent_name_keeps_what_it_gives() -> None:
    assert shares((STATE, LAND), idf) == (1.0, 1.0)


def test_words_side_by_side_count_together() -> None:
    for long in (Phrase((STATE, UNION)), Near((STATE, UNION), 3), All((STATE, UNION))):
        assert shares((LAND, long), idf) == (1.0, 1 / 7)
        assert shares((long, LAND, STATE), idf) == (1.0, 1.0, 1.0)


def test_a_word_twice_in_a_phrase_counts_once() -> None:
    assert shares((LAND, Phrase((STATE, STATE))), idf) == (1.0, 0.25)


def test_a_compound_is_worth_what_its_whole_is() -> None:
    assert shares((LAND, Variants((UNION, Phrase((STATE, UNION))))), idf) == (1.0, 1 / 3)


def test_what_has_no_idf_keeps_its_score() -> None:
    assert shares((LAND, Not(STATE)), idf) == (1.0, 1.0)
    assert shares((Not(LAND), STATE), idf) == (1.0, 1.0)
    assert shares((), idf) == ()


def test_all_words_of_a_branch_are_scaled() -> None:
    words = (kernel.WORD, 4.0, "one"), (kernel.SPANS, 6.0, -1, ())
    branch = (kernel.ALL, words, (), (), False, 0, 0)
    halved = (kernel.WORD, 2.0, "one"), (kernel.SPANS, 3.0, -1, ())
    assert scaled(branch, 0.5) == (kernel.ALL, halved, (), (), False, 0, 0)
    assert scaled(branch, 1.0) is branch
    assert scaled(kernel.NOTHING, 0.5) is kernel.NOTHING
