"""Commands run in this process, or as a process of their own by ``SEARCHSVC``."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click
from click.testing import CliRunner

from searchsvc.cli.main import main

if TYPE_CHECKING:
    from click.testing import Result

SEARCHSVC = (sys.executable, "-c", "from searchsvc.cli import main; main()")


def run(*arguments: object, **environment: str) -> Result:
    result = CliRunner().invoke(main, [str(one) for one in arguments], env=environment)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def ran_json(*arguments: object) -> Any:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def every_command() -> list[click.Command]:
    return [main, *main.commands.values()]


def options(command: click.Command) -> list[click.Option]:
    return [one for one in command.params if isinstance(one, click.Option)]
