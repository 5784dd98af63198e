"""Sentences: each case is a text with «|» where a sentence ends."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchsvc.highlighting.sentences import Sentence, compiled, read_portably, sentences
from searchsvc.highlighting.snippet import Snippet

CASES = [
    "Мэр открыл школу.| Дети рады!| А вы?| Да…| Конечно",
    "Он жил на ул. Ленина, д. 5, кв. 7.| Потом уехал.",
    "В 2021 г. Барнаул вырос.| В 2020 гг. Спад.",
    "Город г. Барнаул, им. Пушкина, пр. Мира, с. Алтайское.",
    "Роман А. С. Пушкина и А.С.Пушкин, Л. Н. Толстой.| Конец.",
    "Школы, сады и т. д. и т. п. в городе.",
    "Школы, сады и т. д.| Мэр доволен.",
    "Потрачено 5 млн. Руб. не хватило, 10 тыс. рублей.",
    "Стоит 5.5 рубля, 19.02.2021 в 10.50.| Цена выросла.",
    "«Мы рады!» — сказал он.| «Очень».| — Да.| – Нет.",
    "«Почему?» — спросил мэр.| (В городе тихо.)| Всё.",
    "Что?!| Где...| Когда?..| Там.",
    "Он сказал... и ушёл.",
    "Первый абзац.|Второй абзац сообщил он.|«Третий».",
    "Заголовок без точки|\nТекст под ним|\n\n  Ещё.",
    "Сайт example.Ru и М.Видео, С.-Петербург.",
    "Проф. Доронин и акад. Лисов, см. Табл. 5.",
    "«Слово».| Дело.",
]


@pytest.mark.parametrize("case", CASES)
def test_where_sentences_end(case: str) -> None:
    text = case.replace("|", "")
    expected = [piece.strip() for piece in case.split("|")]
    assert [text[found.start : found.end] for found in sentences(text)] == expected


def test_a_sentence_knows_whether_it_begins_a_line() -> None:
    found = sentences("\nРаз. Два.\n\nТри. Четыре.")
    assert [sentence.opens_line for sentence in found] == [True, False, True, False]


@given(st.text() | st.text('Аа .!?\n«»"(-т.д5', max_size=60))
def test_sentences_hold_all_but_the_space_between_them(text: str) -> None:
    found = sentences(text)
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert "".join("".join(text[s.start : s.end].split()) for s in found) == "".join(text.split())
    assert all(text[s.start : s.end].strip() == text[s.start : s.end] != "" for s in found)


@pytest.mark.parametrize(
    "piece", [".", ". ", '."', "\n", " ", ". «", "А. ", ".\u00a0", "(", "слово."]
)
def test_hostile_texts_are_read_to_the_end(piece: str) -> None:
    text = piece * 50_000 + "Конец"
    assert sentences(text)[-1].end == len(text)


SCRAPS = [
    *(
        "мэр",
        "Мэр",
        "градоначальник",
        "ул",
        "А",
        "д",
        "т. д",
        "пр-т",
        "млн",
        "5",
        "2021",
        "м²",
        "Я_",
    ),
    *(
        ".",
        ".",
        ".",
        "!",
        "?",
        "…",
        "...",
        "\n",
        "\n\n",
        "\u2028",
        " ",
        " ",
        " ",
        "\u00a0",
        "\x85",
        "\x00",
    ),
    *(
        "«",
        "»",
        '"',
        "„",
        "“",
        "(",
        ")",
        "]",
        "—",
        "-",
        "'",
        "№",
        "é",
        "Ё",
        "٣",
        "語",
        "😀",
        "\ud800",
    ),
]
TEXTS = st.lists(st.sampled_from(SCRAPS), max_size=40).map("".join) | st.text(max_size=60)


@given(TEXTS, st.integers(0, 60), st.integers(0, 60))
@settings(max_examples=1000)
def test_both_ways_find_the_same_sentences(text: str, start: int, length: int) -> None:
    start = min(start, len(text))
    end = min(start + length, len(text))
    for low, high in ((0, len(text)), (start, end)):
        assert sentences(text, low, high) == read_portably(text, low, high)


@pytest.mark.parametrize("case", CASES)
def test_the_portable_way_knows_the_cases_too(case: str) -> None:
    text = case.replace("|", "")
    expected = [piece.strip() for piece in case.split("|")]
    assert [text[s:e] for s, e, _ in read_portably(text, 0, len(text))] == expected


@pytest.mark.skipif(compiled is None, reason="no compiler was there at installation")
def test_what_the_compiled_way_cannot_read_is_left_to_the_other() -> None:
    reader = compiled.Reader(b"\0" * 0x450, Sentence, Snippet, lambda *_: True, frozenset())
    assert reader.sentences("Мэр", 0, 3) == [Sentence(0, 3, True)]
    assert reader.sentences("№ 5", 0, 3) is None
    for start, end in ((-1, 2), (2, 1), (0, 4)):
        assert reader.sentences("Мэр", start, end) is None


@pytest.mark.skipif(compiled is None, reason="no compiler was there at installation")
def test_an_error_while_python_is_asked_is_not_lost() -> None:
    def fails(*_: object) -> bool:
        raise LookupError

    classes = bytearray(128)
    classes[ord(".")], classes[ord(" ")], classes[ord("A")] = 1, 2, 32
    reader = compiled.Reader(bytes(classes), Sentence, Snippet, fails, frozenset())
    with pytest.raises(LookupError):
        reader.sentences("a\n. A", 0, 5)
    with pytest.raises(LookupError):
        reader.snippets("a\n. A", b"", 3, 240)
