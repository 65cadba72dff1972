"""`weft models`: its commands, one module each."""

import typer

from weft.cli.engines.add import add
from weft.cli.engines.bench.command import bench
from weft.cli.engines.load import load, pin, unload, unpin
from weft.cli.engines.ls import ls
from weft.cli.engines.probe import probe
from weft.cli.engines.ps import ps
from weft.cli.engines.pull import pull
from weft.cli.engines.rm import rm
from weft.cli.engines.show import show

WEIGHTS = "Weights and cards"
RUNNING = "A running server"

app = typer.Typer(no_args_is_help=True)
app.command(rich_help_panel=WEIGHTS)(ls)
app.command("list", hidden=True)(ls)
app.command(rich_help_panel=WEIGHTS)(show)
app.command(rich_help_panel=WEIGHTS)(pull)
app.command(rich_help_panel=WEIGHTS)(rm)
app.command(rich_help_panel=WEIGHTS)(add)
app.command(rich_help_panel=WEIGHTS)(bench)
app.command(rich_help_panel=RUNNING)(ps)
app.command(rich_help_panel=RUNNING)(load)
app.command(rich_help_panel=RUNNING)(unload)
app.command(rich_help_panel=RUNNING)(pin)
app.command(rich_help_panel=RUNNING)(unpin)
app.command(rich_help_panel=RUNNING)(probe)
