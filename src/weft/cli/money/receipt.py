"""`weft receipt`: one request's signed receipt."""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from weft.cli.store import ConfigOption, DataOption, opened
from weft.kit.settings import load_settings
from weft.ledger.proof.keys import Signer
from weft.ledger.proof.receipt import read_receipt, sign


def receipt(
    request_id: Annotated[
        str,
        typer.Argument(
            metavar="REQUEST_ID", help="As in the header x-request-id.", show_default=False
        ),
    ],
    *,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Write the signed receipt of one request: its tokens, price, charge and place in the ledger's chain."""
    folder = load_settings({"data_dir": data, "config": config}).settings.data_dir
    now = datetime.now(UTC)
    with opened(data, config) as database:
        with database.read() as connection:
            unsigned = read_receipt(connection, request_id)
        signed = sign(unsigned, Signer(database, folder).key(now), now)
    typer.echo(json.dumps(signed, indent=2, ensure_ascii=False))
