"""`weft eval`: its commands, one module each."""

import typer

from weft.cli.evals.compare import compare
from weft.cli.evals.ls import ls
from weft.cli.evals.rest import resume, stop
from weft.cli.evals.run import run

app = typer.Typer(no_args_is_help=True)
app.command()(run)
app.command()(ls)
app.command("list", hidden=True)(ls)
app.command()(resume)
app.command()(stop)
app.command()(compare)
