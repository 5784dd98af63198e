"""What a build reads, keeps, skips and fails at, and how its report says so."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hostile import READABLE, make_hostile_folder
from invented import held, indexed, lines, record, records, write

from searchsvc.config import Settings
from searchsvc.engines.opening import check_index, open_builder
from searchsvc.errors import BuildRefused
from searchsvc.indexing.building import Progress, build
from searchsvc.indexing.report import LISTED
from searchsvc.searching.answer import Question
from searchsvc.searching.service import Service

DUMP = """Голос Зареченска

12 мая 2024 / 09:15

Паромщик починил пристань

Паромщик Прохор Лядов починил пристань в Зареченске. Работа заняла три недели, рассказал он.
Доски привезли из Приречья, а гвозди нашлись в старом амбаре на берегу Светлицы.
"""


def ids(root: Path) -> set[str]:
    return {article.id for article in held(root)}


def found(root: Path, text: str) -> set[str]:
    service = Service(Settings(index=root))
    answer = service.search(Question(text=text, size=100))
    service.close()
    return {hit.article.id for hit in answer.hits}


class TestReport:
    def test_it_counts_what_was_read_and_kept(self, root: Path, seeds: Path) -> None:
        write(seeds / "a.jsonl", records(7))
        (seeds / "b.txt").write_text(DUMP)
        report = indexed(root, seeds)
        assert (report.read, report.articles, report.kept) == (8, 8, 8)
        assert (report.failed, report.skipped, report.replaced, report.removed) == (0, 0, 0, 0)
        assert (report.former, report.generation) == (0, 1)

    def test_it_counts_what_the_former_generation_held(self, root: Path, seeds: Path) -> None:
        write(seeds / "a.jsonl", records(7))
        indexed(root, seeds)
        write(seeds / "a.jsonl", records(9))
        assert (indexed(root, seeds).former, len(held(root))) == (7, 9)

    def test_a_failure_has_its_place_and_reason(self, root: Path, seeds: Path) -> None:
        (seeds / "a.jsonl").write_bytes(lines(records(1)) + b'{"title": \n' + lines([{"a": 1}]))
        report = indexed(root, seeds)
        assert (report.read, report.kept, report.failed) == (2, 1, 2)
        places = [str(failure.place) for failure in report.failures]
        assert places == [f"{seeds}/a.jsonl:2", f"{seeds}/a.jsonl:3"]
        assert all(failure.reason for failure in report.failures)

    def test_what_is_no_article_is_skipped_and_not_failed(self, root: Path, seeds: Path) -> None:
        write(seeds / "a.jsonl", records(1))
        (seeds / "photo.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
        report = indexed(root, seeds)
        assert (report.skipped, report.failed) == (1, 0)
        assert sum(count for _, count in report.skips) == 1

    def test_undated_articles_and_languages_are_counted(self, root: Path, seeds: Path) -> None:
        english = "The ravens of the town learn to sort plastic, and the council is not amused."
        write(
            seeds / "a.jsonl",
            [record(1), record(2, date=""), record(3, date="", title=english, text=english)],
        )
        report = indexed(root, seeds)
        assert report.undated == 2
        assert dict(report.languages) == {"ru": 2, "en": 1}
        assert {a.language for a in held(root) if a.id == "n3"} == {"en"}

    def test_very_many_failures_are_counted_though_not_all_are_listed(
        self, root: Path, seeds: Path
    ) -> None:
        (seeds / "a.jsonl").write_bytes(lines(records(1)) + b"{\n" * (LISTED + 50))
        report = indexed(root, seeds)
        assert (report.failed, len(report.failures)) == (LISTED + 50, LISTED)

    def test_progress_ends_with_all_bytes(self, root: Path, seeds: Path) -> None:
        for number in range(5):
            write(seeds / f"{number}.jsonl", records(30))
        steps: list[Progress] = []
        settings = Settings(index=root, procs=1)
        build([seeds], open_builder(root), settings, progress=steps.append)
        total = sum(path.stat().st_size for path in seeds.iterdir())
        assert steps[-1][:2] == (total, total)
        assert [step.done for step in steps] == sorted(step.done for step in steps)


class TestRefusals:
    def test_a_refused_build_says_what_it_met(self, root: Path, seeds: Path) -> None:
        (seeds / "a.jsonl").write_bytes(b'{"title": \n')
        with pytest.raises(
            BuildRefused, match=r"read 0, skipped 0, failed 2(.|\n)*a\.jsonl:1"
        ) as e:
            indexed(root, seeds, seeds / "nowhere")
        assert "nowhere" in str(e.value)

    def test_a_build_that_breaks_leaves_no_trace(self, root: Path, seeds: Path) -> None:
        write(seeds / "a.jsonl", records(200))
        indexed(root, seeds)

        def stop(progress: Progress) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            build([seeds], open_builder(root), Settings(index=root, procs=1), progress=stop)
        assert [path.name for path in (root / "generations").iterdir()] == ["1"]
        indexed(root, seeds)


class TestIds:
    def test_the_same_id_and_url_replace(self, root: Path, seeds: Path) -> None:
        write(seeds / "a.jsonl", [record(1, title="Старое"), record(1, title="Новое")])
        report = indexed(root, seeds)
        assert (report.kept, report.replaced, report.renamed) == (1, 1, ())
        assert held(root)[0].title == "Новое"

    @pytest.mark.parametrize(
        "url",
        [
            "http://www.invented.example/1",
            "https://invented.example/1#comments",
            "https://invented.example/1?utm_source=mail",
        ],
    )
    def test_urls_are_compared_in_their_canonical_form(
        self, root: Path, seeds: Path, url: str
    ) -> None:
        write(seeds / "a.jsonl", [record(1), record(1, url=url)])
        assert indexed(root, seeds).kept == 1

    def test_the_same_id_with_another_url_is_renamed_and_reported(
        self, root: Path, seeds: Path
    ) -> None:
        rows = [record(n, id="same") for n in range(5)]
        write(seeds / "a.jsonl", rows)
        report = indexed(root, seeds)
        assert (report.kept, report.replaced, len(report.renamed)) == (5, 0, 4)
        assert {given for given, _ in report.renamed} == {"same"}
        assert {"same", *(settled for _, settled in report.renamed)} == ids(root)
        assert all(settled.startswith("same-") for _, settled in report.renamed)

    def test_a_renamed_article_keeps_its_name_in_the_next_build(
        self, root: Path, seeds: Path
    ) -> None:
        write(seeds / "a.jsonl", [record(n, id="same") for n in range(5)])
        indexed(root, seeds)
        before = ids(root)
        indexed(root, seeds)
        assert ids(root) == before

    def test_a_renamed_article_is_replaced_by_its_own_url(self, root: Path, seeds: Path) -> None:
        again = record(2, id="same", title="Новое")
        write(seeds / "a.jsonl", [record(1, id="same"), record(2, id="same"), again])
        report = indexed(root, seeds)
        assert (report.kept, report.replaced) == (2, 1)
        assert {a.title for a in held(root)} == {record(1)["title"], "Новое"}

    def test_without_urls_the_title_decides(self, root: Path, seeds: Path) -> None:
        rows = [record(1, url="", title=title) for title in ("Первое", "Второе", "Первое")]
        write(seeds / "a.jsonl", rows)
        report = indexed(root, seeds)
        assert (report.kept, report.replaced) == (2, 1)

    def test_no_article_is_dropped_when_hundreds_share_an_id(self, root: Path, seeds: Path) -> None:
        write(seeds / "a.jsonl", [record(n, id="site-") for n in range(347)])
        assert indexed(root, seeds, procs=2).kept == 347

    def test_articles_without_id_and_url_are_told_by_file_and_record(
        self, root: Path, seeds: Path
    ) -> None:
        rows = [record(1, id="", url="") for _ in range(3)]
        write(seeds / "a.jsonl", rows)
        write(seeds / "b.jsonl", rows)
        assert indexed(root, seeds).kept == 6
        before = ids(root)
        indexed(root, seeds)
        assert ids(root) == before

    @pytest.mark.parametrize(
        "given",
        ["a/b?c#d", "ё", "x" * 5000, "with space", "\ud800", "\u0000", "../../etc", "-", 17],
    )
    def test_strange_ids_are_kept(self, root: Path, seeds: Path, given: object) -> None:
        (seeds / "a.jsonl").write_text(json.dumps(record(1, id=given)) + "\n")
        assert indexed(root, seeds).kept == 1
        check_index(root)

    def test_strange_texts_are_kept(self, root: Path, seeds: Path) -> None:
        texts = ["\ud800 маяк", "маяк\u0000маяк", "маяк " * 200_000, "ё" * 100_000, "\u202e маяк"]
        rows = [json.dumps(record(n, text=text, title=text[:300])) for n, text in enumerate(texts)]
        (seeds / "a.jsonl").write_text("\n".join(rows) + "\n")
        report = indexed(root, seeds)
        assert (report.kept, report.failed) == (len(texts), 0)
        check_index(root)


class TestArticles:
    def test_a_lead_is_searched(self, root: Path, seeds: Path) -> None:
        write(seeds / "a.jsonl", [record(1, lead="Коротко о звездочёте."), record(2)])
        indexed(root, seeds)
        assert found(root, "звездочётом") == {"n1"}

    def test_stories_of_a_tail_know_their_page(self, root: Path, seeds: Path) -> None:
        given = Path(__file__).parents[2] / "seeds" / "001_43f7259e81000b37.txt"
        (seeds / given.name).write_bytes(given.read_bytes())
        indexed(root, seeds)
        articles = held(root)
        pages = {a.id for a in articles if not a.part_of}
        stories = {a.part_of for a in articles if a.part_of}
        assert stories == pages
        assert len(articles) > 2

    def test_the_origin_is_the_file_even_inside_archives(self, root: Path, seeds: Path) -> None:
        (seeds / "a.jsonl.gz").write_bytes(gzip.compress(lines(records(2))))
        indexed(root, seeds)
        assert {a.origin for a in held(root)} == {f"{seeds}/a.jsonl.gz"}


class TestProcesses:
    def test_two_give_the_same_index_as_one(self, tmp_path: Path, seeds: Path) -> None:
        rows = records(500) + [record(n, id="same") for n in range(40)] + [record(3, title="Ещё")]
        write(seeds / "a.jsonl", rows[::2])
        write(seeds / "b.jsonl", rows[1::2])
        (seeds / "c.txt").write_text(DUMP)
        with (seeds / "b.jsonl").open("ab") as file:
            file.write(b"{\n")
        reports = [indexed(tmp_path / str(procs), seeds, procs=procs) for procs in (1, 2)]
        one, two = (held(tmp_path / str(procs)) for procs in (1, 2))
        assert len(one) > 500
        assert one == two
        facts = [(r.read, r.kept, r.replaced, r.renamed, r.failures, r.languages) for r in reports]
        assert facts[0] == facts[1]
        for text in ("маяк", "посадил липу", '"открыл фонтан"', "-маяк"):
            assert found(tmp_path / "1", text) == found(tmp_path / "2", text)


@pytest.mark.prove
def test_a_hostile_folder_is_indexed_to_its_end(whole: bool, root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "hostile"
    expected = make_hostile_folder(folder, *(() if whole else (2 * 1024 * 1024,)))
    settings = Settings(index=root) if whole else Settings(index=root, file_bytes=1024 * 1024)
    report = build([folder], open_builder(root), settings)
    failed = [str(failure.place) for failure in report.failures]
    for name, place in expected.items():
        assert any(place in one for one in failed), name
    assert report.kept >= len(READABLE)
    assert check_index(root) == 1
