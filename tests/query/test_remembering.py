import threading
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meaning import understand

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.query import remembering
from searchsvc.query.limits import Limits
from searchsvc.query.remembering import APIECE, READ, RememberingAnalyzer, Texts, remembered
from searchsvc.query.synonyms import SHIPPED, Synonyms
from searchsvc.query.syntax import Quoted, Term
from searchsvc.query.understanding import understood
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


class Counting(Analyzer):
    """An analyzer that counts what it is asked for."""

    def __init__(self):
        super().__init__()
        self.asked = Counter()

    def tokens(self, text):
        self.asked[text] += 1
        return super().tokens(text)


@pytest.fixture
def counting():
    return Counting()


def looked_for(words, text):
    """Look for a word in each of the three places."""
    term = Term(text)
    return words.readings(text), words.nodes(term), words.quoted(Quoted((term,)))


def test_the_last_words_are_remembered_and_no_more(counting):
    words = Words(counting, LIMITS.expansions, 2)
    for word in ("мэр", "мэр", "река", "мэр", "дом", "река"):
        looked_for(words, word)
    assert counting.asked == {"мэр": 3, "река": 6, "дом": 3}


@pytest.mark.parametrize("word", ["а,б,в,г,д", "names," * 5, "я" * 41], ids=["5", "names", "long"])
def test_long_words_and_many_in_one_are_not_remembered(counting, word):
    words = Words(counting, LIMITS.expansions, 2)
    assert looked_for(words, word) == looked_for(words, word)
    assert counting.asked == {word: 6}


@pytest.mark.parametrize("word", ["Ростов-на-Дону", "10:50:20", "я" * 40])
def test_usual_words_are_remembered(counting, word):
    words = Words(counting, LIMITS.expansions, 2)
    assert looked_for(words, word) == looked_for(words, word)
    assert counting.asked == {word: 3}


def test_answers_are_kept_of_the_last_short_words():
    asked = []
    find = remembered(2, lambda word: asked.append(word) or word.upper())
    for word in ("а", "а", "б", "в", "а", "ю" * 41, "ю" * 41):
        assert find(word) == word.upper()
    assert asked == ["а", "б", "в", "а", "ю" * 41, "ю" * 41]


@pytest.fixture
def found():
    """What a finder of texts was asked for, in order."""
    return []


def texts_for(found, count, length=1):
    """Remember at least so many texts of a length, at most twice as many."""
    return Texts(lambda text: found.append(text) or text.upper(), count * (length + APIECE))


def test_the_last_texts_are_not_looked_up_again(found):
    texts = texts_for(found, 2)
    for text in ("а", "а", "б", "а", "в", "б", "а", "в"):
        assert texts(text) == text.upper()
    assert found == ["а", "б", "в"]


def test_texts_that_were_not_asked_for_lately_are_let_go_of(found):
    texts = texts_for(found, 2)
    for text in ("а", "б", "в", "а", "г", "д", "а", "б"):
        assert texts(text) == text.upper()
    assert found == ["а", "б", "в", "г", "д", "б"]


@pytest.mark.parametrize("length", [1, 400])
def test_long_texts_take_the_place_of_several(found, length):
    texts = texts_for(found, 10)
    for number in range(100):
        texts(f"{number:0{length}}")
    kept = [*texts._earlier, *texts._late]
    assert 0 < len(kept) <= 20
    assert sum(len(text) + APIECE for text in kept) <= max(20 * (1 + APIECE), 2 * (400 + APIECE))


def test_what_is_refused_is_refused_again():
    texts = Texts(int)
    for _ in range(2):
        with pytest.raises(ValueError, match="ю"):
            texts("ю")
    assert not texts._late


def test_nothing_found_is_remembered_too():
    asked = []
    texts = Texts(asked.append)
    assert texts("а") is texts("а") is None
    assert asked == ["а"]


def test_threads_find_the_same(found):
    texts, wrong = texts_for(found, 3), []

    def ask(seed):
        for number in range(2_000):
            text = str(number * seed % 11)
            if texts(text) != text.upper():
                wrong.append(text)

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in (1, 3, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(texts._earlier) + len(texts._late) <= 6


def test_an_analyzer_forgets(monkeypatch):
    asked = []
    monkeypatch.setattr(remembering, "KEPT", 1)
    monkeypatch.setattr(Analyzer, "known", lambda _, form: asked.append(form) or True)
    monkeypatch.setattr(Analyzer, "is_function_word", lambda _, form: asked.append(form) or True)
    analyzer = RememberingAnalyzer()
    for form in ("мэр", "мэр", "зрюмов", "мэр"):
        assert analyzer.known(form)
        assert analyzer.is_function_word(form)
    assert asked == ["мэр", "мэр", "зрюмов", "зрюмов", "мэр", "мэр"]


def test_an_analyzer_forgets_how_words_were_read(monkeypatch):
    read, told, many = [], [], "а-б-в-г-д"
    monkeypatch.setattr(remembering, "KEPT", 1)
    monkeypatch.setattr(remembering, "read_piece", lambda text: read.append(text) or text)
    monkeypatch.setattr(remembering.morphology, "lemmas", lambda form: told.append(form) or ())
    analyzer = RememberingAnalyzer()
    for form in ("мэры", "мэры", many, many, "мэры", "реки", "мэры"):
        analyzer.tokens(form)
        analyzer.lemmas(form)
    assert read == told == ["мэры", many, many, "реки", "мэры"]


def test_synonyms_do_not_remember_long_words(counting):
    synonyms = Synonyms(counting, {}, frozenset())
    lemmas = []
    counting.lemmas = lambda form: lemmas.append(form) or ()
    for _ in range(2):
        for word in ("мэр", "ю" * 41):
            synonyms.beside(Term(word))
    assert lemmas == ["мэр", "ю" * 41, "ю" * 41]


def test_a_word_is_known_or_not_however_often_it_is_asked():
    assert [REMEMBERING.known(form) for form in ("мэр", "зрюмов") * 2] == [True, False] * 2
