"""Sentences: each case is a text with «|» where a sentence ends."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.highlighting.sentences import sentences

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
