"""What commands print: reports, answers, tokens, facts, as text or JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from searchsvc.cli.explaining import explanation_lines
from searchsvc.cli.wording import counted
from searchsvc.web.rendering import answer_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from searchsvc.analysis.analyzer import ExplainedToken
    from searchsvc.engines.generations import Manifest
    from searchsvc.engines.protocol import EngineStats
    from searchsvc.highlighting.snippet import Snippet
    from searchsvc.indexing.report import Report
    from searchsvc.searching.answer import Answer, Found

SHOWN_FAILURES = 20


def report_json(report: Report) -> str:
    """Write a report as one JSON object; failures with place and reason."""
    failures = [{"place": str(f.place), "reason": f.reason} for f in report.failures]
    row = asdict(report) | {"failures": failures}
    return json.dumps(row, ensure_ascii=False)


def report_text(report: Report) -> str:
    """Write a report for a person."""
    generation = f"generation {report.generation}"
    lines = [
        f"{generation if report.changed else f'nothing changed, {generation} stays'}: "
        f"{counted(report.kept, 'article')} ({report.former} before), {report.seconds:.1f} s",
        f"read {report.read}, kept {report.kept}, skipped {report.skipped}, failed {report.failed}",
        f"replaced {report.replaced}, removed {report.removed}, unchanged files "
        f"{report.unchanged}, undated {report.undated}, promo lines {report.promos}",
    ]
    lines += [f"skipped {count}: {reason}" for reason, count in report.skips]
    lines += [f"renamed {given} to {settled}" for given, settled in report.renamed[:5]]
    lines += [f"failed {f.place}: {f.reason}" for f in report.failures[:SHOWN_FAILURES]]
    unsaid = report.failed - min(len(report.failures), SHOWN_FAILURES)
    if unsaid:
        lines.append(f"… and {unsaid} more; --json lists up to 1000")
    return "\n".join(lines)


def answer_json(answer: Answer) -> str:
    """Write the object that the API answers."""
    return json.dumps(answer_object(answer), ensure_ascii=False)


def answer_text(answer: Answer) -> str:
    """Write hits for a person, matched words in bold on a terminal."""
    query = answer.query
    head = f"{answer.total} found in {answer.took_ms:.0f} ms: {query.interpreted}".rstrip(": ")
    lines = [head, *query.warnings]
    if query.widened:
        verb = "has" if query.all_words == 1 else "have"
        lines.append(f"{query.all_words} {verb} all the words; those with some are shown too")
    for number, found in enumerate(answer.hits, 1):
        lines += ["", *_hit_lines(number, found)]
    return "\n".join(lines)


def _hit_lines(number: int, found: Found) -> Iterable[str]:
    article = found.article
    date = article.date.isoformat() if article.date else ""
    yield f"{number}. {_bold(found.title)}"
    yield "   " + " · ".join(part for part in (date, article.source, article.id) if part)
    for snippet in found.snippets:
        yield "   " + _bold(snippet).replace("\n", " ")
    if found.explanation is not None:
        for line in explanation_lines(found.explanation, found.score):
            yield "   " + line


def _bold(snippet: Snippet) -> str:
    parts: list[str] = []
    place = 0
    for start, end in snippet.marks:
        parts += [snippet.text[place:start], click.style(snippet.text[start:end], bold=True)]
        place = end
    return "".join([*parts, snippet.text[place:]])


def tokens_json(tokens: Sequence[ExplainedToken]) -> str:
    """Write tokens as a list of ``{"text", "start", "end", "terms"}``."""
    rows = [
        {
            "text": token.text,
            "start": token.start,
            "end": token.end,
            "terms": [{"lemma": term.lemma, "kind": term.kind} for term in token.terms],
        }
        for token in tokens
    ]
    return json.dumps(rows, ensure_ascii=False)


def tokens_text(tokens: Sequence[ExplainedToken]) -> str:
    """Write a token a line: place, surface form, terms."""
    rows = [
        (
            f"{token.start}–{token.end} {token.text}",
            ", ".join(f"{term.lemma} ({term.kind})" for term in token.terms),
        )
        for token in tokens
    ]
    return aligned(rows)


def info_rows(stats: EngineStats, manifest: Manifest) -> list[tuple[str, object]]:
    """List facts about an index."""
    return [
        ("generation", stats.generation),
        ("articles", stats.articles),
        ("undated", stats.undated),
        ("segments", stats.segments),
        ("bytes", stats.bytes),
        ("created", manifest.created),
        ("engine", manifest.engine),
        ("kernel", stats.kernel),
        ("schema", manifest.schema),
        ("analysis", manifest.analysis),
        ("former", manifest.former),
    ]


def aligned(rows: Sequence[tuple[str, object]]) -> str:
    """Write two columns."""
    width = max((len(name) for name, _ in rows), default=0)
    shown = ((name, "none" if value is None else value) for name, value in rows)
    return "\n".join(f"{name:{width}}  {value}" for name, value in shown)
