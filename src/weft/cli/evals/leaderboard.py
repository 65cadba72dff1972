"""`weft leaderboard`: what a project's models came to, with ranks, intervals and ties; as the console shows it."""

from typing import Annotated

import typer
from sqlalchemy import Connection

from weft.cli.evals.ground import ProjectOption, open_local
from weft.cli.output import JsonOption, echo_json, moment
from weft.cli.store import ConfigOption, DataOption
from weft.cli.table import Column, table
from weft.evals.leaderboards.board import Sources, gather, work_out
from weft.evals.leaderboards.kept import Memory
from weft.evals.leaderboards.pages.answers import answer_of, head_of
from weft.evals.leaderboards.pages.lines import csv_of, table_of
from weft.evals.leaderboards.pages.shapes import BoardAnswer, BoardHead
from weft.evals.leaderboards.saved import NoSuchLeaderboard, find_board, list_boards
from weft.kit.errors import InvalidRequest
from weft.traces.types import ProjectKey

app = typer.Typer(no_args_is_help=True)


@app.command()
def ls(
    *,
    project: ProjectOption,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """List the leaderboards of a project, dynamic ones too."""
    local = open_local(project, data, config)

    def read(connection: Connection, key: ProjectKey) -> list[BoardHead]:
        return [head_of(one) for one in list_boards(connection, key)]

    boards = local.read(read) or []
    if as_json:
        echo_json([one.model_dump(mode="json") for one in boards])
    elif not boards:
        typer.echo("no leaderboards")
    else:
        columns = [Column("name"), Column("title", shrinks=True), Column("kind"), Column("changed")]
        rows = [[one.name, one.title, _kind(one), moment(one.created_at)] for one in boards]
        typer.echo(table(columns, rows))


@app.command()
def show(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="As `ls` names it.", show_default=False)
    ],
    *,
    project: ProjectOption,
    any_version: Annotated[
        bool,
        typer.Option("--any-version", help="Count runs of other versions of an evaluation too."),
    ] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="As CSV.")] = False,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Show a leaderboard: rank, value and 95 % interval of each model; "=" is a tie."""
    if as_csv and as_json:
        raise InvalidRequest("--csv and --json exclude each other", param="csv")
    local = open_local(project, data, config)
    memory = Memory()
    sources = Sources(memory, local.book, local.name)

    def read(connection: Connection, key: ProjectKey) -> BoardAnswer | None:
        saved = find_board(connection, key, name)
        if saved is None:
            return None
        gathered = gather(connection, key, saved.spec, sources, every_version=any_version)
        return answer_of(work_out(gathered, memory), saved, local.name)

    board = local.read(read)
    if board is None:
        raise NoSuchLeaderboard(name)
    if as_json:
        echo_json(board.model_dump(mode="json"))
    elif as_csv:
        typer.echo(csv_of(board), nl=False)
    else:
        _print(board)


def _print(board: BoardAnswer) -> None:
    head, rows = table_of(board)
    if not rows:
        typer.echo("no runs yet")
    else:
        first, *others = head
        columns = [Column(first, shrinks=True), *(Column(one) for one in others)]
        typer.echo(table(columns, rows, width=_WIDTH))
    for column in board.columns:
        for warning in column.warnings:
            typer.echo(f"{column.label}: {warning}")


_WIDTH = 1000
"""Columns are never cut: a terminal wraps them."""


def _kind(board: BoardHead) -> str:
    return "dynamic" if board.is_dynamic else f"{board.column_count} columns"
