from hypothesis import given
from hypothesis import strategies as st

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.query.limits import Limits
from searchsvc.query.remembering import READ, RememberingAnalyzer
from searchsvc.query.synonyms import SHIPPED, Synonyms
from searchsvc.query.understanding import understand, understood
from searchsvc.query.words import Words

PLAIN, REMEMBERING = Analyzer(), RememberingAnalyzer()
LIMITS = Limits()
REMEMBERED = Words(REMEMBERING, LIMITS.expansions, READ)
SYNONYMS = Synonyms.read(SHIPPED, REMEMBERING)
PLAIN_SYNONYMS = Synonyms.read(SHIPPED, PLAIN)

TYPED = [
    "мэр",
    "Мэр",
    "МЭР",
    "в",
    "стали",
    "Путина",
    "путина",
    "МОК",
    "мок",
    "СВО",
    "кто",
    "зрюмову",
    "онлайн-сервис",
    "!стали",
    "заголовок:мэр",
    "-мэр",
    "|",
    "5",
    "«",
    '"',
]


@given(st.lists(st.sampled_from(TYPED), max_size=6).map(" ".join))
def test_a_query_means_the_same_by_words_that_are_remembered(text):
    first = understood(text, REMEMBERED, LIMITS, SYNONYMS)
    assert first == understood(text, REMEMBERED, LIMITS, SYNONYMS)
    assert first == understand(text, PLAIN, LIMITS, PLAIN_SYNONYMS)


def test_a_word_is_known_or_not_however_often_it_is_asked():
    assert [REMEMBERING.known(form) for form in ("мэр", "зрюмов") * 2] == [True, False] * 2
