"""Fragments: cases mark the matches in the text itself: ``[мэр]`` is clause 0, ``[мэр|1]`` 1."""

import re
from random import Random
from time import process_time
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchsvc.engines.protocol import ZONES, Match, Zone, matches_of
from searchsvc.highlighting import portable_fragments
from searchsvc.highlighting.fragments import (
    _shown_portably,
    highlighted,
    mark,
    mark_portably,
    snippets,
)
from searchsvc.highlighting.marks import IN_TEXT, IN_TITLE, PLACE, Range, places_in
from searchsvc.highlighting.sentences import Sentence, reader, sentences
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

    found = portable_fragments.snippets(text, matches, 3, length)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("searchsvc.highlighting.portable_fragments._near", every_sentence)
        assert portable_fragments.snippets(text, matches, 3, length) == found


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


SCRAPS = [
    *(
        "слово ",
        "Мэр ",
        "ул. ",
        "А. С. ",
        "и т. д. ",
        "кв. м",
        "пр-т. ",
        "Я_",
        "5,5 ",
        "19.02.2021",
    ),
    *(". ", "! ", "?.. ", "…", "» ", "«", '"', "„", "(", ") ", "— ", "-", ".Потом ", ". — Да"),
    *("\n", "\r\n", "\n\n ", "\u2028", " ", "\t", "\u00a0", "\x85", "\x1c", "\x00"),
    *("и\u0306", "а\u0301 ", "é", "№ ", "㍻", "語 ", "\u3000", "😀", "𝐀 ", "\ud800", "\udfff "),
    *("длинноеслово" * 9, ("слово, " * 40), "Слово сказано. " * 20, "а" * 300),
]
ODD = st.lists(st.sampled_from(SCRAPS[:42]), max_size=60).map("".join)
LONG = st.lists(st.sampled_from(SCRAPS), max_size=40).map("".join)


@given(
    LONG | ODD | TEXTS,
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 300), st.integers(0, 70)), max_size=12),
    st.integers(0, 5),
    st.integers(0, 70) | st.just(240),
)
@settings(max_examples=2_000)
def test_both_ways_choose_the_same_fragments(
    text: str, places: list[tuple[float, int, int]], limit: int, length: int
) -> None:
    matches = [
        Match(Zone.TEXT, 0, start := int(part * len(text)), start + size // (1 + size % 9), clause)
        for part, size, clause in places
    ]
    found = snippets(text, matches, limit=limit, length=length)
    assert found == portable_fragments.snippets(text, matches, limit, length)
    assert mark(text, matches) == mark_portably(text, matches)


@given(st.text("аб  .", max_size=200), st.integers(0, 40), st.randoms(use_true_random=False))
@settings(max_examples=500)
def test_both_ways_cut_at_the_same_borders(text: str, length: int, chance: Random) -> None:
    words = [found.span() for found in re.finditer(r"[аб]+", text)]
    matches = [Match(Zone.TEXT, 0, *span, chance.randint(0, 2)) for span in words[::2]]
    found = snippets(text, matches, length=length)
    assert found == portable_fragments.snippets(text, matches, 3, length)


@pytest.mark.parametrize("length", range(17, 24))
def test_both_ways_stop_before_the_same_marks(length: int) -> None:
    text, matches = read(f"[мэр] сказал, что [школа] {'слово ' * 40}")
    found = snippets(text, matches, length=length)
    assert found == portable_fragments.snippets(text, matches, 3, length)


@pytest.mark.parametrize("before", range(97, 103))
def test_a_hundred_matches_of_a_clause_are_weighed(before: int) -> None:
    text, matches = read(f"[Мэр]. {FILLER * 3}" * before + "[Мэр], [мэр], [мэр]! " + FILLER * 3)
    found = snippets(text, matches)
    assert ("Мэр, мэр, мэр!" in [snippet.text[:14] for snippet in found]) == (before < 99)
    assert found == portable_fragments.snippets(text, matches, 3, 240)


@given(
    st.integers(1, 9), st.sampled_from(["слово ", "Слово. ", "а\n", "слово"]), st.integers(9, 99)
)
@settings(max_examples=30)
def test_both_ways_weigh_the_same_of_many_matches(clauses: int, piece: str, length: int) -> None:
    text = piece * 1_500
    starts = range(0, len(text) - 9, 7)
    matches = [Match(Zone.TEXT, 0, at, at + 1 + at % 5, at % clauses) for at in starts]
    found = snippets(text, matches, length=length)
    assert found == portable_fragments.snippets(text, matches, 3, length)


@given(
    LONG | ODD | TEXTS,
    LONG | ODD | TEXTS,
    st.lists(st.tuples(*[st.integers(0, 2), *[st.integers(-1, 40)] * 4]), max_size=12),
    st.integers(0, 40),
)
def test_hits_are_shown_the_same_in_both_ways(
    title: str, text: str, places: list[tuple[int, ...]], clauses: int
) -> None:
    row = title, text, b"".join(PLACE.pack(*place) for place in places)
    titles, texts = (
        [Strange(*place[2:]) for place in places if place[0] == zone and place[4] < clauses]
        for zone in (IN_TITLE, IN_TEXT)
    )
    expected = mark(title, titles), snippets(text, texts)
    assert highlighted([row, row], clauses) == [expected] * 2
    assert _shown_portably(row, clauses, 3, 240) == expected


def test_places_are_what_engines_give() -> None:
    matches = (Match(Zone.TEXT, 7, 4, 6, 1), Match(Zone.TITLE, 0, 1, 2, 3))
    places = b"".join(PLACE.pack(ZONES.index(match.zone), *match[1:]) for match in matches)
    assert matches_of(places) == matches
    assert places_in(places, IN_TEXT, 9) == [(4, 6, 1)]
    assert places_in(places, IN_TITLE, 9) == [(1, 2, 3)]
    assert places_in(places, IN_TITLE, 3) == []


@pytest.mark.skipif(reader() is None, reason="no compiler was there")
@pytest.mark.parametrize("row", [None, (), ("", "", b"1234567"), ("", b"", b""), ("", "", "")])
def test_rows_that_no_hit_gives_are_refused(row: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        highlighted([row], 1)


class Strange(NamedTuple):
    start: object
    end: object
    clause: object = 0


@pytest.mark.parametrize(
    "match", [Strange(0, 2**70), Strange(-(2**70), 3), Strange(0, 3, 10**4), Strange(0, 3, 63)]
)
def test_numbers_of_any_size_are_read(match: Strange) -> None:
    text = f"Мэр {FILLER}{FILLER}{FILLER}"
    assert snippets(text, [match]) == portable_fragments.snippets(text, [match], 3, 240)
    assert mark(text, [match]) == mark_portably(text, [match])


@pytest.mark.parametrize("match", [Strange("0", 3), Strange(0, None), Strange(0, 3, ()), object()])
def test_what_is_no_match_is_an_error(match: object) -> None:
    for function in (snippets, mark):
        with pytest.raises((TypeError, AttributeError)):
            function("Мэр", [match])
    with pytest.raises(TypeError):
        snippets(b"text", [])
