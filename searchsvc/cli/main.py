"""The commands: options to settings, library calls, results to text or JSON.

Exit status: 0 done, 1 refused or failed (under ``--strict`` also when an input failed), 2 wrong
use.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from searchsvc import __version__
from searchsvc.analysis.analyzer import Analyzer
from searchsvc.cli import output
from searchsvc.cli.progress import reporting
from searchsvc.config import from_environment
from searchsvc.engines.generations import Generations
from searchsvc.engines.opening import check_index, open_builder
from searchsvc.errors import ConfigError, QueryError, SearchsvcError
from searchsvc.query.explaining import explained
from searchsvc.query.synonyms import Synonyms
from searchsvc.searching.answer import PAGE_SIZE, Question
from searchsvc.searching.service import Service

if TYPE_CHECKING:
    from searchsvc.config import Settings

EVAL = "eval"
INDEX = click.option("--index", type=click.Path(path_type=Path), help="Index folder.")
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


class Commands(click.Group):
    """A group whose commands end with one line and a status where the library refuses."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands."""
        return sorted((*super().list_commands(ctx), EVAL))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Find a command; that of measuring is imported when it is asked for."""
        if cmd_name != EVAL:
            return super().get_command(ctx, cmd_name)
        from searchsvc.cli.eval import eval_command  # noqa: PLC0415 - it loads the parsers

        return eval_command

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except SearchsvcError as error:
            click.echo(f"searchsvc: {error}", err=True)
            ctx.exit(2 if isinstance(error, ConfigError | QueryError) else 1)
        except BrokenPipeError:
            raise
        except OSError as error:
            click.echo(f"searchsvc: {error}", err=True)
            ctx.exit(1)


@click.group(cls=Commands)
@click.version_option(__version__)
def main() -> None:
    """Full-text search over Russian news."""


def _settings(**given: object) -> Settings:
    chosen = {name: value for name, value in given.items() if value is not None}
    return replace(from_environment(), **chosen)  # type: ignore[arg-type]


@main.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@INDEX
@click.option("--update", is_flag=True, help="Read only new and changed files.")
@click.option("--procs", type=click.IntRange(1), help="Processes that parse and analyse.")
@click.option("--strict", is_flag=True, help="End with status 1 when an input failed.")
@click.option("--allow-shrink", is_flag=True, help="Accept under half of the current articles.")
@JSON
def index(
    paths: tuple[Path, ...],
    index: Path | None,
    update: bool,
    procs: int | None,
    strict: bool,
    allow_shrink: bool,
    as_json: bool,
) -> None:
    """Build the index from files and folders (seeds/ by default)."""
    from searchsvc.indexing.building import build  # noqa: PLC0415 - parsers: 0.2 s and 15 MB

    settings = _settings(index=index, procs=procs)
    builder = open_builder(settings.index, update=update, allow_shrink=allow_shrink)
    with reporting() as progress:
        report = build(
            paths or (Path("seeds"),), builder, settings, update=update, progress=progress
        )
    click.echo(output.report_json(report) if as_json else output.report_text(report))
    if strict and report.failed:
        sys.exit(1)


@main.command()
@click.argument("query")
@INDEX
@click.option("--limit", type=click.IntRange(1), help="Hits to show (10).")
@click.option("--explain", is_flag=True, help="Say what each word gave to the scores.")
@JSON
def search(query: str, index: Path | None, limit: int | None, explain: bool, as_json: bool) -> None:
    """Search the index; with --json print what the API answers."""
    settings = _settings(index=index)
    most = settings.page_size
    if limit and limit > most:
        message = f"--limit must be 1 to {most}; SEARCHSVC_PAGE_SIZE sets the most"
        raise QueryError(message, parameter="limit", limit=most, value=limit)
    size = limit or min(PAGE_SIZE, most)
    service = Service(settings)
    try:
        answer = service.search(Question(text=query, size=size, explain=explain))
    finally:
        service.close()
    click.echo(output.answer_json(answer) if as_json else output.answer_text(answer))


@main.command()
@INDEX
@click.option("--host", help="Address to listen on (127.0.0.1).")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on (8000).")
@click.option("--workers", type=click.IntRange(1), help="Processes that answer (2).")
def serve(index: Path | None, host: str | None, port: int | None, workers: int | None) -> NoReturn:
    """Serve the form and the API."""
    from searchsvc.web.server import serve as run  # noqa: PLC0415 - half of the start-up time

    settings = _settings(index=index, host=host, port=port, workers=workers)
    run(settings)
    sys.exit(0)


@main.command()
@click.argument("text")
@JSON
def analyze(text: str, as_json: bool) -> None:
    """Show the tokens of a text and the terms they are found under."""
    analyzer = Analyzer()
    tokens = explained(text, analyzer, Synonyms.named(_settings().synonyms, analyzer))
    click.echo(output.tokens_json(tokens) if as_json else output.tokens_text(tokens))


@main.command()
@INDEX
@JSON
def info(index: Path | None, as_json: bool) -> None:
    """Say what the index holds and how it was built."""
    settings = _settings(index=index)
    service = Service(settings)
    try:
        stats = service.ready()
    finally:
        service.close()
    generations = Generations(settings.index)
    manifest = generations.manifest(stats.generation)
    if manifest.former is not None and not generations.folder(manifest.former).exists():
        manifest = replace(manifest, former=None)  # as after a roll-back
    rows = output.info_rows(stats, manifest)
    click.echo(json.dumps(dict(rows)) if as_json else output.aligned(rows))


@main.command()
@INDEX
def check(index: Path | None) -> None:
    """Compare every file of the index with its checksum and ask for sample articles."""
    settings = _settings(index=index)
    number = check_index(settings.index)
    click.echo(f"generation {number} is whole")
