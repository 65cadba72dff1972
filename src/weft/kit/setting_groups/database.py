"""Where everything is kept. How to choose stands in docs/guides/database.md."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

FORMS = "postgresql://user:password@host:5432/name, sqlite:///path/to/file.db, or nothing"
_FORM = re.compile(r"(postgres|postgresql|postgresql\+psycopg)://\S+|sqlite:///\S.*")


def _database_url(url: SecretStr) -> SecretStr:
    if url.get_secret_value() and not _FORM.fullmatch(url.get_secret_value()):
        raise ValueError(FORMS)
    return url


class DatabaseSettings(BaseModel):
    """The database."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    database_url: Annotated[SecretStr, AfterValidator(_database_url)] = Field(
        default=SecretStr(""),
        max_length=2048,
        description="URL of the database: postgresql://user:password@host/name; empty: weft.db in the data folder.",
    )
