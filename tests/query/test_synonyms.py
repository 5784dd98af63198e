"""Other names of what was typed: what is put beside it, what stays alone, what files may say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meaning import understand

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.errors import ConfigError
from searchsvc.query.limits import Limits
from searchsvc.query.synonyms import MOST_GROUPS, Synonyms
from searchsvc.query.synonyms import SHIPPED as FILE
from searchsvc.query.tree import Phrase, Variants, Word

if TYPE_CHECKING:
    from searchsvc.query.understanding import Understanding

ANALYZER = Analyzer()
FREE = Limits(length=10_000, words=1_000)
SHIPPED = Synonyms.read(FILE, ANALYZER)


def understood(text: str) -> Understanding:
    return understand(text, ANALYZER, FREE, SHIPPED)


@pytest.mark.parametrize(
    ("typed", "interpreted"),
    [
        ("СВО", 'СВО | "специальная военная операция" | спецоперация'),
        ("сво", 'сво | "специальная военная операция" | спецоперация'),
        ("участник СВО", 'участник (СВО | "специальная военная операция" | спецоперация)'),
        (
            "специальной военной операции",
            "специальной военной операции | СВО | спецоперация",
        ),
        ("погода в Петербурге", "погода в (Петербурге | Санкт-Петербург)"),
        ("Санкт-Петербургу", "Санкт-Петербургу | Петербург"),
        ("МВД", 'МВД | "министерство внутренних дел"'),
        ("ЦБ", 'ЦБ | Центробанк | "Центральный банк" | "Банк России"'),
        ("рф", 'рф | Россия | "Российская Федерация"'),
        ('"министерство внутренних дел"', '"министерство внутренних дел" | МВД'),
        ("(МВД | ФСБ)", None),
        ('МВД | "министерство внутренних дел"', 'МВД | "министерство внутренних дел"'),
    ],
)
def test_put_beside(typed: str, interpreted: str | None) -> None:
    said = understood(typed).interpreted
    assert said == interpreted or (interpreted is None and said.count("|") == 3)


@pytest.mark.parametrize(
    "typed",
    [
        "!СВО",
        '!"министерство внутренних дел"',
        "мэр -СВО",
        "заголовок:СВО",
        "мэр NEAR/3 Петербург",
        "воза сена",  # a cart, not the health organisation
        "министерство внутренних",
        "СВО~",
        "дата:2022",
        "",
    ],
)
def test_stays_alone(typed: str) -> None:
    assert understood(typed).interpreted == understand(typed, ANALYZER, FREE).interpreted


def test_names_that_mean_the_same_count_as_one() -> None:
    node = understood("МВД").node
    assert isinstance(node, Variants)
    assert [type(child) for child in node.children] == [Word, Phrase]


def test_a_longer_name_with_the_typed_word_in_it_is_not_looked_for_again() -> None:
    assert understood("Петербург").node == understand("Петербург", ANALYZER, FREE).node
    longer = understood("Санкт-Петербург").node
    assert isinstance(longer, Variants)
    assert understood("Петербург").node in longer.children


def test_a_name_is_a_word_when_an_answer_is_widened() -> None:
    assert understood("МВД сообщило").widened is not None


@pytest.mark.parametrize(
    "typed", ["СВО ВСУ", "(СВО | ДТП) в Петербурге", "министерство внутренних дел мвд", "РФ рф"]
)
def test_the_interpretation_means_the_same(typed: str) -> None:
    first = understood(typed)
    again = understood(first.interpreted)
    assert (again.node, again.widened, again.interpreted) == (
        first.node,
        first.widened,
        first.interpreted,
    )


WORDS = st.sampled_from(
    ["СВО", "специальная", "военная", "операция", "Петербург", "МВД", "|", "(", ")", '"', "-", "!"]
)


@given(st.lists(WORDS, max_size=12).map(" ".join))
def test_any_query_is_understood_and_means_the_same_again(text: str) -> None:
    first = understood(text)
    again = understood(first.interpreted)
    assert again.node == first.node
    assert again.interpreted == first.interpreted


def test_every_shipped_name_finds_its_group() -> None:
    lines = FILE.read_text(encoding="utf-8").splitlines()
    groups = [line.split("=") for line in lines if "=" in line and not line.startswith("#")]
    assert len(groups) > 50
    for group in groups:
        for name in group:
            assert understood(name.strip()).interpreted.count("|") == len(group) - 1, name


def read(folder: Path, text: str) -> Synonyms:
    path = folder / "synonyms.txt"
    path.write_text(text, encoding="utf-8")
    return Synonyms.read(path, ANALYZER)


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    own = read(tmp_path, "# наши\n\nВП = Вестник Приречья  # газета\n")
    said = understand("статья ВП", ANALYZER, FREE, own).interpreted
    assert said == 'статья (ВП | "Вестник Приречья")'


@pytest.mark.parametrize(
    "text",
    [
        "МВД",
        "МВД =",
        "МВД = !ФСБ",
        'МВД = "внутренних дел"',
        " = ".join("абвгдежзикл"),
        "а = " + "слово " * 9,
        "а = б\n" * (MOST_GROUPS + 1),
        "я" * (1 << 20),
    ],
)
def test_a_wrong_file_says_what_is_wrong(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"synonyms\.txt"):
        read(tmp_path, text)


def test_what_the_setting_names(tmp_path: Path) -> None:
    assert Synonyms.named(Path("none"), ANALYZER) is None
    assert Synonyms.named(Path(), ANALYZER) is None
    assert Synonyms.named(Path("default"), ANALYZER) == SHIPPED
    (tmp_path / "own").write_text("ВП = Вестник Приречья", encoding="utf-8")
    assert Synonyms.named(tmp_path / "own", ANALYZER) != SHIPPED


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot be read: No such file or directory$"):
        Synonyms.read(tmp_path / "none", ANALYZER)
