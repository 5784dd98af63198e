from hypothesis import given
from hypothesis import strategies as st

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.query.limits import Limits
from searchsvc.query.remembering import RememberingAnalyzer
from searchsvc.query.understanding import understand

PLAIN, REMEMBERING = Analyzer(), RememberingAnalyzer()

WORDS = [
    "мэр",
    "Мэр",
    "МЭР",
    "в",
    "стали",
    "Путина",
    "путина",
    "МОК",
    "мок",
    "зрюмову",
    "5",
    "«",
    '"',
]


@given(st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join))
def test_a_query_means_the_same_to_an_analyzer_that_remembers(text):
    limits = Limits()
    first = understand(text, REMEMBERING, limits)
    assert first == understand(text, REMEMBERING, limits) == understand(text, PLAIN, limits)


def test_a_word_is_known_or_not_however_often_it_is_asked():
    assert [REMEMBERING.known(form) for form in ("мэр", "зрюмов") * 2] == [True, False] * 2


def test_the_place_of_a_word_makes_no_difference():
    one, two = (REMEMBERING.tokens(text)[-1] for text in ("МОК", "Игры и МОК"))
    assert one != two
    assert REMEMBERING.is_acronym(one) == REMEMBERING.is_acronym(two) == PLAIN.is_acronym(two)
