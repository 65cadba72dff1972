"""Whoever acts for somebody who is away: looked up anew each time, since nothing proves it but what is written down."""

from dataclasses import dataclass

from sqlalchemy import Connection

from weft.evals.door import Asker
from weft.identity.projects.acting import acting_principal, acting_visitor
from weft.identity.projects.gate import Visitor
from weft.identity.teams import get_project
from weft.identity.types import Principal
from weft.kit.db import Database


@dataclass(frozen=True, slots=True)
class Stewards:
    """Implements `evals.monitors.spec.Stewards`; `database` is where identity is kept."""

    database: Database

    async def visitor(self, user_id: str, project_id: str) -> Visitor:
        """See `acting_visitor`."""
        return await self.database.read_soon(lambda c: acting_visitor(c, user_id, project_id))

    async def principal(self, asker: Asker) -> Principal:
        """See `acting_principal`.

        Raises:
            NoSuchThing: there is no such project.
        """
        team, _, project = asker.project.partition("/")

        def find(connection: Connection) -> Principal:
            found = get_project(connection, team, project)
            return acting_principal(connection, asker.acting_for, found.id)

        return await self.database.read_soon(find)
