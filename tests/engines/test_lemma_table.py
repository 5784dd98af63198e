"""The table of lemmas: what it keeps is what the analyzer says, whatever becomes of its file."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np
import pytest

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.engines.whoosh import lemma_file, lemma_table
from searchsvc.engines.whoosh.container import write_arrays
from searchsvc.engines.whoosh.lemma_table import LemmaTable, table_of
from searchsvc.engines.whoosh.numbering import joined, parted

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from searchsvc.analysis.lemmatising import Lemmatised

FORMS = ["стали", "мэр", "мэра", "covid-19", "http://х.рф/\ud800", "стали-ель"]

analyzer = Analyzer()


class Silent(Analyzer):
    """An analyzer that must not be asked."""

    def lemmas_of_lines(self, lines: bytes) -> Lemmatised:
        raise AssertionError(parted(lines))


class Younger(Analyzer):
    @property
    def fingerprint(self) -> str:
        return "analysis-0"


def saved(folder: Path) -> Path:
    path = folder / lemma_table.NAME
    table = LemmaTable(path, analyzer)
    known(table, FORMS)
    table.save()
    return path


def known(table: LemmaTable, forms: list[str]) -> NDArray[np.int32]:
    """The rows of forms, which the table has from now on."""
    return table.forms.numbers(joined(forms))


def wanting(table: LemmaTable, forms: list[str]) -> list[str]:
    """The forms that the table does not have."""
    return [form for form in forms if form not in parted(table.known())]


def told(table: LemmaTable, forms: list[str]) -> list[tuple[str, ...]]:
    chosen, targets = table.targets(known(table, forms))
    lemmas = parted(table.lemmas.chosen(chosen))
    bounds = zip(targets.begins[:-1], targets.begins[1:], strict=True)
    return [tuple(lemmas[number] for number in targets.terms[a:b]) for a, b in bounds]


def test_it_tells_what_the_analyzer_tells(tmp_path: Path) -> None:
    table = LemmaTable(tmp_path / "lemmas", analyzer)
    for forms in (FORMS, FORMS[::-1], [*FORMS, "ели"], []):
        assert told(table, forms) == [analyzer.lemmas(form) for form in forms]


def test_a_second_build_asks_for_new_forms_only(tmp_path: Path) -> None:
    table = LemmaTable(saved(tmp_path), Silent())
    assert told(table, FORMS) == [analyzer.lemmas(form) for form in FORMS]
    assert wanting(table, [*FORMS, "ели"]) == ["ели"]
    with pytest.raises(AssertionError, match="ели"):
        told(table, ["ели"])


def test_what_others_are_asked_is_not_asked_again(tmp_path: Path) -> None:
    table = LemmaTable(tmp_path / "lemmas", analyzer)
    known(table, FORMS)
    assert table.errands(2) == []
    errands = table.errands(2, last=True)
    assert len(errands) == 2
    known(table, FORMS)
    assert table.errands(2, last=True) == []
    for errand in errands[::-1]:
        table.learn(errand())
    table._analyzer = Silent()
    assert told(table, FORMS) == [analyzer.lemmas(form) for form in FORMS]


def test_forms_are_sent_in_bulk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lemma_table, "BULK", 3)
    table = LemmaTable(tmp_path / "lemmas", analyzer)
    known(table, [*FORMS[:2], FORMS[0]])
    assert table.errands(2) == []
    known(table, FORMS[1:4])
    (errand,) = table.errands(2)
    table.learn(errand())
    assert told(table, FORMS) == [analyzer.lemmas(form) for form in FORMS]


def test_what_is_lemmatised_here_meanwhile_is_learnt_once(tmp_path: Path) -> None:
    table = LemmaTable(tmp_path / "lemmas", analyzer)
    known(table, FORMS[:3])
    errands = table.errands(2, last=True)
    known(table, [*FORMS[1:4], *FORMS[2:], *FORMS])
    errands += table.errands(1, last=True)
    before = told(table, FORMS[2:5])
    results = [errand() for errand in errands]
    for result in results:
        table.learn(result)
    assert sorted(parted(table.known())) == sorted(FORMS)
    table._analyzer = Silent()
    assert told(table, FORMS) == [analyzer.lemmas(form) for form in FORMS]
    assert told(table, FORMS[2:5]) == before
    with pytest.raises(KeyError):
        table.learn(results[0])


def test_what_was_saved_is_in_order(tmp_path: Path) -> None:
    table = LemmaTable(saved(tmp_path), analyzer)
    assert parted(table.known()) == sorted(FORMS)
    lemmas = parted(table.lemmas.lines(0, len(table.lemmas)))
    assert lemmas == sorted(lemmas)
    assert told(table, [*FORMS, "ели"]) == [analyzer.lemmas(form) for form in [*FORMS, "ели"]]


def test_nothing_new_writes_nothing(tmp_path: Path) -> None:
    path = saved(tmp_path)
    before = path.stat().st_ino
    table = LemmaTable(path, analyzer)
    known(table, FORMS)
    table.save()
    assert path.stat().st_ino == before
    known(table, ["ели"])
    table.save()
    assert path.stat().st_ino != before
    assert [file.name for file in tmp_path.iterdir()] == [lemma_table.NAME]


def test_lemmas_of_another_analysis_are_left_aside(tmp_path: Path) -> None:
    table = LemmaTable(saved(tmp_path), Younger())
    assert wanting(table, FORMS) == FORMS


@pytest.mark.parametrize("at", [0, 70, -200, -5])
def test_a_damaged_file_is_left_aside_with_a_word(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, at: int
) -> None:
    path = saved(tmp_path)
    data = bytearray(path.read_bytes())
    data[at] ^= 0x55
    path.write_bytes(data)
    with caplog.at_level(logging.WARNING):
        table = LemmaTable(path, analyzer)
    assert "made anew" in caplog.text
    assert told(table, FORMS) == [analyzer.lemmas(form) for form in FORMS]
    table.save()
    assert told(LemmaTable(path, Silent()), FORMS) == told(table, FORMS)


@pytest.mark.parametrize(
    ("counts", "numbers", "lines"),
    [
        ((1, 1), (0,), "мэр\nмэра"),
        ((1,), (0,), "мэр\nмэра"),
        ((1, 1), (0, 2), "мэр\nмэра"),
        ((1, 1), (0, -1), "мэр\nмэра"),
        ((-1, 3), (0, 1), "мэр\nмэра"),
        ((1, 1), (0, 1), "мэр\nмэр"),
    ],
)
def test_parts_that_do_not_fit_are_left_aside(
    tmp_path: Path, counts: tuple[int, ...], numbers: tuple[int, ...], lines: str
) -> None:
    path = tmp_path / "lemmas"
    arrays = (np.array(each, np.int32) for each in (counts, numbers))
    stored = lemma_file.Stored(lines.encode(), lines.encode(), *arrays)
    lemma_file.write(path, analyzer.fingerprint, stored)
    assert wanting(LemmaTable(path, analyzer), ["мэр"]) == ["мэр"]


def test_a_file_of_before_compression_is_left_aside(tmp_path: Path) -> None:
    path = tmp_path / "lemmas"
    write_arrays(path, {"analysis": np.frombuffer(analyzer.fingerprint.encode(), np.uint8)})
    assert wanting(LemmaTable(path, analyzer), ["мэр"]) == ["мэр"]


def test_a_frame_that_claims_too_much_is_left_aside(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lemma_file, "LARGEST", 10)
    assert wanting(LemmaTable(saved(tmp_path), analyzer), FORMS) == FORMS
    assert "too large" in caplog.text


def test_the_newest_forms_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lemma_table, "KEPT", 4)
    path = tmp_path / "lemmas"
    first = LemmaTable(path, analyzer)
    for forms in (FORMS[:2], FORMS[2:]):
        known(first, forms)
    first.save()
    table = LemmaTable(path, Silent())
    assert wanting(table, FORMS) == FORMS[:2]
    assert told(table, FORMS[2:]) == [analyzer.lemmas(form) for form in FORMS[2:]]


def test_an_update_beside_a_large_table_has_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(tmp_path)
    assert wanting(table_of(tmp_path, analyzer, update=True), FORMS) == []
    monkeypatch.setattr(lemma_table, "LARGE", 10)
    table = table_of(tmp_path, analyzer, update=True)
    assert wanting(table, FORMS) == FORMS
    known(table, FORMS)
    table.save()
    assert wanting(table_of(tmp_path, analyzer, update=True), FORMS) == []
    assert wanting(table_of(tmp_path, analyzer, update=False), FORMS) == []
    assert {path.name for path in tmp_path.iterdir()} >= {lemma_table.NAME, lemma_table.RECENT}
