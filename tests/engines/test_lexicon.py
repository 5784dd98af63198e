"""The lexicon: a sorted list of strings, found again by halving."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.engines.whoosh import portable_lexicon
from searchsvc.engines.whoosh.kernel import compiled
from searchsvc.engines.whoosh.letters import key_of, text_of
from searchsvc.engines.whoosh.lexicon import Lexicon, pack
from searchsvc.engines.whoosh.portable_lexicon import GROUP, Packed
from searchsvc.errors import IndexDamaged

if TYPE_CHECKING:
    from collections.abc import Iterable

any_text = st.text(st.characters(exclude_categories=()), max_size=6)
few_letters = st.text("абв\u0080\u0470\ufffe\ud83d\U0001f683", max_size=4)
texts = any_text | few_letters | st.text("ab", min_size=30, max_size=40)


KERNELS = [kernel for kernel in (portable_lexicon, compiled) if kernel is not None]


def lexicon_of(strings: Iterable[str], kernel: Any = portable_lexicon) -> Lexicon:
    return Lexicon(Packed(**pack(sorted(strings))), kernel)


@given(st.sets(texts, max_size=3 * GROUP))
def test_strings_come_back_in_their_order(strings: set[str]) -> None:
    lexicon = lexicon_of(strings)
    assert list(lexicon) == sorted(strings)
    assert [lexicon[number] for number in range(len(lexicon))] == sorted(strings)
    some = [*range(0, len(lexicon), 3)][::-1]
    assert lexicon.strings(some) == [lexicon[number] for number in some]
    assert [lexicon.find(text) for text in lexicon] == list(range(len(strings)))


@given(st.sets(texts, max_size=3 * GROUP), texts)
def test_what_is_not_there_is_not_found(strings: set[str], text: str) -> None:
    assert (lexicon_of(strings).find(text) >= 0) == (text in strings)


@given(st.sets(texts, max_size=3 * GROUP), texts)
def test_prefixes_are_a_range(strings: set[str], prefix: str) -> None:
    lexicon = lexicon_of(strings)
    numbers = lexicon.prefixed(prefix)
    prefixed = list(lexicon.between(numbers.start, numbers.stop))
    assert prefixed == [text for text in sorted(strings) if text.startswith(prefix)]


@given(st.sets(texts, max_size=3 * GROUP), texts)
def test_a_lower_bound_is_the_first_string_that_is_not_before(strings: set[str], text: str) -> None:
    number = lexicon_of(strings).lower_bound(text.encode("utf-8", "surrogatepass"))
    assert number == sum(string < text for string in strings)


@given(texts, texts)
def test_keys_stand_in_the_order_of_texts(one: str, two: str) -> None:
    assert (key_of(one) < key_of(two)) == (one < two)
    assert text_of(key_of(one)) == one


def test_a_letter_of_news_is_one_byte() -> None:
    assert len(key_of("мэр-2021, ёлка")) == 14


@pytest.mark.parametrize("many", [2, GROUP, 3 * GROUP])
def test_equal_strings_stand_together(many: int) -> None:
    lexicon = lexicon_of(["а", *["б"] * many, "бв"])
    assert lexicon.find("б") == 1
    assert list(lexicon.prefixed("б")) == list(range(1, many + 2))


@pytest.mark.parametrize("number", [-1, 3, 1 << 70])
def test_a_number_outside_is_refused(number: int) -> None:
    with pytest.raises((IndexDamaged, OverflowError)):
        lexicon_of(["а", "б", "в"]).strings([0, number])


def test_a_range_outside_is_refused() -> None:
    lexicon = lexicon_of("абв")
    for low, high in ((0, 4), (-1, 2), (4, 5)):
        with pytest.raises(IndexDamaged):
            list(lexicon.between(low, high))


def test_a_long_list_of_words_takes_little() -> None:
    arrays = pack(sorted(f"слово{number}" for number in range(10_000)))
    assert sum(array.nbytes for array in arrays.values()) < 60_000


WRONG = [
    *(("term_offsets", values) for values in ([], [0, 1], [0, 99])),
    *(("sizes", [1]), ("shared", [0])),
]


@pytest.mark.parametrize(("part", "values"), WRONG)
def test_arrays_that_do_not_fit_are_damage(part: str, values: list[int]) -> None:
    arrays = pack(["а", "аб"])
    arrays[part] = np.array(values, arrays[part].dtype)
    with pytest.raises(IndexDamaged):
        Lexicon(Packed(**arrays))


needs_compiled = pytest.mark.skipif(compiled is None, reason="there is no compiled kernel")


@needs_compiled
@pytest.mark.parametrize("place", [1, 2, 3])
def test_arrays_that_begin_between_numbers_are_refused(place: int) -> None:
    parts = [np.array([65], np.uint8), *(np.array(own, np.uint32) for own in ([0, 1], [0], [1]))]
    assert compiled.keys(tuple(parts), 0, 1) == [b"A"]
    memory = np.zeros(parts[place].nbytes + 1, np.uint8)
    memory[1:] = parts[place].view(np.uint8)
    parts[place] = memory[1:].view(np.uint32)
    with pytest.raises(ValueError, match="do not fit"):
        compiled.keys(tuple(parts), 0, 1)


@needs_compiled
def test_want_of_memory_is_told() -> None:
    testing = pytest.importorskip("_testcapi")
    parts = tuple(pack(["а", "аб"]).values())
    kept: list[list[bytes]] = [[] for _ in range(200)]  # so that Python has no list left over
    answers = []
    for number in range(8):
        testing.set_nomemory(number, number + 1)
        try:
            answers.append(compiled.some_keys(parts, [0]))
        except MemoryError:
            answers.append(kept)
        finally:
            testing.remove_mem_hooks()
    assert kept in answers


@needs_compiled
@given(st.lists(texts, max_size=3 * GROUP), texts)
def test_both_kernels_find_the_same(strings: list[str], text: str) -> None:
    one, two = (lexicon_of(strings, kernel) for kernel in KERNELS)
    for wanted in (text, *strings):
        assert one.find(wanted) == two.find(wanted)
        assert one.prefixed(wanted) == two.prefixed(wanted)


@pytest.mark.parametrize("kernel", KERNELS)
@given(st.data())
def test_damage_is_noticed_or_gives_other_strings(kernel: Any, data: st.DataObject) -> None:
    arrays = pack(sorted(f"слово{number}" for number in range(40)))
    part = data.draw(st.sampled_from(sorted(arrays)))
    values = arrays[part] = arrays[part].copy()
    place = data.draw(st.integers(0, values.size - 1))
    values[place] = data.draw(st.integers(0, int(np.iinfo(values.dtype).max)))
    try:
        lexicon = Lexicon(Packed(**arrays), kernel)
        for number in range(40):
            lexicon.find(f"слово{number}")
        assert len(list(lexicon)) == 40
    except IndexDamaged:
        return


@pytest.mark.parametrize("key", [b"\xfe", b"\x80", b"\xff\xff", b"\xff\xd0", b"\x80\x80"])
def test_keys_that_are_no_text_are_damage(key: bytes) -> None:
    with pytest.raises(IndexDamaged):
        text_of(key)
