"""`weft eval`: its commands, one module each."""

import typer

from weft.cli.evals.compare import compare

app = typer.Typer(no_args_is_help=True)
app.command()(compare)


@app.callback()
def _eval() -> None:
    """Runs of evaluations."""
