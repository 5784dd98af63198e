"""Fragments: cases mark the matches in the text itself: ``[мэр]`` is clause 0, ``[мэр|1]`` 1."""

import re
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.engines.protocol import Match, Zone
from searchsvc.highlighting.fragments import snippets
from searchsvc.highlighting.marks import Range
from searchsvc.highlighting.sentences import Sentence, sentences
from searchsvc.highlighting.snippet import Snippet

FILLER = "Погода в городе была ясная, ветер дул с реки, и никто не ждал перемен до самого вечера. "
assert 80 < len(FILLER) < 100


def read(marked: str) -> tuple[str, list[Match]]:
    text, matches = "", []
    for plain, word, clause in re.findall(r"([^\[]+)|\[([^|\]]*)(?:\|(\d+))?\]", marked):
        if word:
            place = len(text)
            matches.append(Match(Zone.TEXT, 0, place, place + len(word), int(clause or 0)))
        text += plain or word
    return text, matches


def shown(snippet: Snippet) -> str:
    text = snippet.text
    for start, end in reversed(snippet.marks):
        text = f"{text[:start]}[{text[start:end]}]{text[end:]}"
    return ("…" if snippet.cut_before else "") + text + ("…" if snippet.cut_after else "")


def fragments(marked: str, **options: int) -> list[str]:
    text, matches = read(marked)
    return [shown(snippet) for snippet in snippets(text, matches, **options)]


def test_a_short_text_is_shown_whole() -> None:
    assert fragments("[Мэр] открыл школу.") == ["[Мэр] открыл школу."]


def test_a_fragment_is_whole_sentences() -> None:
    before, after = FILLER * 2, FILLER * 3
    assert fragments(f"{before}Здесь [мэр] города. {after}") == [
        f"…Здесь [мэр] города. {FILLER * 2}".strip() + "…"
    ]


def test_a_match_at_the_end_gets_the_sentence_before_it() -> None:
    assert fragments(f"{FILLER * 3}«Да», — сказал [мэр].") == [
        f"…{FILLER * 2}«Да», — сказал [мэр]."
    ]


def test_fragments_stand_in_text_order_and_are_three_at_most() -> None:
    marked = "".join(f"Здесь [слово] номер {number}. {FILLER * 3}" for number in range(6))
    found = fragments(marked)
    assert [re.findall(r"номер (\d)", fragment) for fragment in found] == [["0"], ["1"], ["2"]]


def test_many_clauses_come_before_many_matches() -> None:
    marked = (
        f"Раз [мэр] и [мэр] и [мэр]. {FILLER * 3}"
        f"Два [мэр] города [школу|1] открыл. {FILLER * 3}"
        f"Три [мэр]. {FILLER * 3}"
    )
    (only,) = fragments(marked, limit=1)
    assert only.startswith("…Два [мэр] города [школу]")
    first, second = fragments(marked, limit=2)
    assert first.startswith("Раз")
    assert second.startswith("…Два")


def test_a_clause_not_shown_yet_comes_before_one_shown_more_often() -> None:
    marked = (
        f"Раз [мэр] и [школа|1]. {FILLER * 3}Два [мэр] и [школа|1]. {FILLER * 3}"
        f"Три [сад|2]. {FILLER * 3}"
    )
    first, second = fragments(marked, limit=2)
    assert first.startswith("Раз")
    assert second.startswith("…Три [сад]")


def test_neighbouring_matches_share_a_fragment() -> None:
    assert fragments("Один [мэр]. Другой [мэр]. Третий [мэр].") == [
        "Один [мэр]. Другой [мэр]. Третий [мэр]."
    ]


def test_a_long_sentence_is_cut_at_words_around_the_match() -> None:
    (fragment,) = fragments(f"начало {'слово ' * 100}[мэр] {'слово ' * 100}конец", length=60)
    assert re.fullmatch(r"…(слово )+\[мэр\]( слово)+…", fragment)
    assert 50 <= len(fragment.strip("…")) - 2 <= 60


def test_a_long_sentence_begins_where_it_begins_when_the_match_is_near() -> None:
    (fragment,) = fragments(f"Вчера наш [мэр] {'слово ' * 100}", length=60)
    assert fragment.startswith("Вчера наш [мэр] слово")


def test_a_long_sentence_ends_where_it_ends_when_the_match_is_near() -> None:
    (fragment,) = fragments(f"{'слово ' * 100}[мэр] сказал.", length=60)
    assert fragment.endswith("слово [мэр] сказал.")
    assert len(fragment) > 50


def test_a_mark_is_not_cut_in_two_by_the_end_of_a_fragment() -> None:
    marked = f"{'слово ' * 20}[мэр] {'слово ' * 5}[искусственный интеллект] {'слово ' * 20}"
    found = " ".join(fragments(marked, length=60))
    assert "[искусственный интеллект]" in found
    assert "[искусственный]" not in found


def test_a_phrase_across_a_stop_keeps_its_sentences_together() -> None:
    (fragment, *_) = fragments(f"{FILLER * 3}Это [был. Потом] было. {FILLER * 3}")
    assert "[был. Потом]" in fragment


def test_a_phrase_longer_than_a_fragment_is_cut_with_it() -> None:
    (fragment,) = fragments(f"Вот [{'слово ' * 60}слово].", length=50)
    assert re.fullmatch(r"…\[слово.*\]…", fragment)


def test_long_lines_are_not_joined() -> None:
    line = FILLER.strip()
    assert fragments(f"{line}\nЗдесь [мэр], и это уже вполне длинная строка, {line}\n{line}") == [
        f"…Здесь [мэр], и это уже вполне длинная строка, {line}…"
    ]


def test_a_short_line_takes_the_next_one_along() -> None:
    assert fragments(f"[Мэр]:\n{FILLER}") == [f"[Мэр]:\n{FILLER.strip()}"]


@pytest.mark.parametrize("text", ["", " \n "])
def test_an_empty_text_has_no_fragment(text: str) -> None:
    assert snippets(text, []) == ()


def test_of_a_very_long_text_the_stretch_after_the_first_match_is_read() -> None:
    before, after = "Река тихо текла. " * 300_000, "Лес стоял рядом. " * 300_000
    text, matches = read(before + "Здесь [мэр] сказал. " + after + "А там [мэр] молчал.")
    begun = process_time()
    (snippet,) = snippets(text, matches, length=60)
    assert process_time() - begun < 1
    assert "Здесь [мэр] сказал." in shown(snippet)


def test_without_matches_the_beginning_is_given() -> None:
    assert fragments("  Мэр открыл школу. ") == ["Мэр открыл школу."]
    assert fragments(FILLER * 9) == [f"{FILLER * 2}".strip() + "…"]
    assert fragments("слово " * 99, length=20) == ["слово слово слово…"]
    assert fragments("а" * 99, length=20) == ["а" * 20 + "…"]


TEXTS = st.text(max_size=80) | st.lists(
    st.sampled_from(
        [
            "слово",
            "Мэр",
            "ул.",
            "А. С.",
            ".",
            "!",
            "«",
            "»",
            " ",
            " ",
            "\n",
            "длинноеслово" * 3,
            "5",
        ]
    ),
    max_size=60,
).map("".join)
MATCHES = st.lists(
    st.builds(
        lambda start, length, clause: Match(Zone.TEXT, 0, start, start + length, clause),
        st.integers(-2, 200),
        st.integers(-1, 30),
        st.integers(0, 4),
    ),
    max_size=12,
)


@given(TEXTS, MATCHES, st.integers(1, 4), st.integers(10, 60))
def test_fragments_are_slices_with_every_match_marked(
    text: str, matches: list[Match], limit: int, length: int
) -> None:
    found = snippets(text, matches, limit=limit, length=length)
    assert len(found) <= limit
    assert bool(found) == bool(text.strip())
    begin = 0
    for snippet in found:
        assert 0 < len(snippet.text) <= length
        assert snippet.text == snippet.text.strip()
        place = text.find(snippet.text, begin)
        assert place >= begin
        begin = place + len(snippet.text)
        edges = [edge for pair in snippet.marks for edge in pair]
        assert edges == sorted(edges)
        assert all(0 <= start < end <= len(snippet.text) for start, end in snippet.marks)
    assert not found or not found[0].cut_before or text.strip() != found[0].text


PIECES = ["слово ", "Мэр", "ул. ", "А. С.", ".", "!", "«", "» ", "\n", "5", "Потом. ", "....." * 30]


@given(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=400).map("".join),
    st.lists(st.tuples(st.floats(0, 1), st.sampled_from([1, 5, 9, 30, 200])), max_size=9),
    st.integers(10, 60),
)
def test_sentences_far_from_every_match_change_nothing(
    text: str, places: list[tuple[float, int]], length: int
) -> None:
    starts = [(int(part * len(text)), size) for part, size in places]
    matches = [Match(Zone.TEXT, 0, at, at + size, at % 3) for at, size in starts]

    def every_sentence(text: str, _marks: object, stretch: Range, _reach: int) -> list[Sentence]:
        return sentences(text, *stretch)

    found = snippets(text, matches, length=length)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("searchsvc.highlighting.fragments._near", every_sentence)
        assert snippets(text, matches, length=length) == found


@given(st.text("аб .", min_size=1, max_size=300), st.data())
def test_every_match_inside_a_fragment_is_marked(text: str, data: st.DataObject) -> None:
    words = [found.span() for found in re.finditer(r"[аб]+", text)]
    chosen = data.draw(st.lists(st.sampled_from(words), max_size=9)) if words else []
    matches = [Match(Zone.TEXT, 0, start, end, start % 3) for start, end in chosen]
    numbered = "".join(
        chr(0x4E00 + place) if letter != " " else " " for place, letter in enumerate(text)
    )
    for plain, unique in zip(
        snippets(text, matches, length=40), snippets(numbered, matches, length=40), strict=False
    ):
        assert len(plain.marks) <= len(matches)
        begin = numbered.find(unique.text)
        inside = {
            (start - begin, end - begin)
            for start, end in chosen
            if begin <= start and end <= begin + len(unique.text)
        }
        assert inside <= set(unique.marks)


@pytest.mark.parametrize("piece", ["слово ", "слово", ". ", "Слово. ", "слово\n", "А. "])
def test_hostile_texts_give_fragments_of_bounded_length(piece: str) -> None:
    text = piece * 30_000
    matches = [Match(Zone.TEXT, 0, at, at + 5, at % 7) for at in range(0, len(text) - 5, 6)]
    found = snippets(text, matches)
    assert 1 <= len(found) <= 3
    assert all(len(snippet.text) <= 240 for snippet in found)
