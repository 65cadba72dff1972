"""The same questions as of SQLite and PostgreSQL, asked of ClickHouse's engine in this process."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Connection

from databases import new_sqlite
from traces.query.library import Question, answer, feedback, parts
from traces.query.questions import QUESTIONS
from weft.kit.db import Database
from weft.kit.errors import InvalidRequest
from weft.traces.calls.parts import WriteCalls
from weft.traces.calls.read.kept import Wanted
from weft.traces.clickhouse.calls import ClickHouseCalls
from weft.traces.clickhouse.server import ClickHouse
from weft.traces.clickhouse.write import ClickHouseWriter
from weft.traces.feedback.parts import WriteFeedback
from weft.traces.feedback.write import FeedbackWriter
from weft.traces.projects import ProjectKeys
from weft.traces.query.parse import parse_query
from weft.traces.types import ProjectKey

pytest.importorskip("chdb")
CALLS, TOLD = parts(), feedback()


@dataclass
class Kept:
    """Calls in ClickHouse, and the trace database beside it."""

    server: ClickHouse
    database: Database
    connection: Connection
    key: ProjectKey

    def ask(self, question: Question) -> list[str]:
        wanted = Wanted(
            question.filter,
            parse_query(question.query),
            question.sort_by,
            question.limit,
            question.offset,
        )
        groups = ClickHouseCalls(self.server).rows(self.connection, self.key, wanted, ("inputs",))
        return [row.id for group in groups for row in group]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    folder: Path = tmp_path_factory.mktemp("clickhouse")
    database = new_sqlite(folder / "weft.db")
    server = ClickHouse(f"chdb://{folder}/calls")
    server.migrate()
    server.migrate()
    keys = ProjectKeys()
    with database.write() as connection:
        for project in ("others", "ours"):
            ClickHouseWriter(server, keys).write(connection, [WriteCalls(project, CALLS)])
            FeedbackWriter(keys).apply(connection, [WriteFeedback(project, TOLD)])
    with database.read() as connection:
        key = keys.find(connection, "ours")
        assert key is not None
        yield Kept(server, database, connection, key)
    server.close()
    database.close()


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_a_question_has_its_answer(kept: Kept, question: Question) -> None:
    if question.name == "sorted by feedback":
        with pytest.raises(InvalidRequest):
            kept.ask(question)
        return
    asked = kept.ask(question)
    assert asked == answer(question, CALLS, TOLD)
    if question.by_hand is not None:
        by_hand = [f"c{number:03}" for number in question.by_hand]
        assert (asked if question.sort else sorted(asked)) == by_hand
    if question.limit is None and not question.offset:
        wanted = Wanted(question.filter, parse_query(question.query))
        stats = ClickHouseCalls(kept.server).count(
            kept.connection, kept.key, wanted, with_size=True
        )
        assert stats.count == len(asked)
