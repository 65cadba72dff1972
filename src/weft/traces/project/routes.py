"""`/project/stats`, and settings of the hosted service that have one value here.

Shapes: the Weave trace server's API (client 0.54).
"""

import msgspec
from fastapi import APIRouter, Request, Response

from weft.traces.calls.table import CallTable
from weft.traces.project.sizes import Sizes, sizes_of
from weft.traces.routes.desk import Desk, json_answer, trace_router


class ProjectBody(msgspec.Struct):
    """A request that names a project and nothing else."""

    project_id: str


class SizesBody(msgspec.Struct):
    """`project/stats`."""

    project_id: str
    include_trace_storage_size: bool | None = True
    include_object_storage_size: bool | None = True
    include_table_storage_size: bool | None = True
    include_file_storage_size: bool | None = True


def router(desk: Desk, table: CallTable) -> APIRouter:
    """The routes of a project as a whole."""
    routes = trace_router()

    @routes.post("/project/stats")
    async def stats(request: Request) -> Response:
        """How much is kept of the project; 0 for what was not asked for."""
        asked = await desk.reading(request, SizesBody)
        body = asked.body
        sizes = await desk.store.read(
            asked.project_id, lambda c, project: sizes_of(c, project, table), empty=Sizes()
        )
        return json_answer(
            {
                "trace_storage_size_bytes": sizes.traces * bool(body.include_trace_storage_size),
                "objects_storage_size_bytes": sizes.objects
                * bool(body.include_object_storage_size),
                "tables_storage_size_bytes": sizes.tables * bool(body.include_table_storage_size),
                "files_storage_size_bytes": sizes.files * bool(body.include_file_storage_size),
            }
        )

    @routes.post("/project/ingest_sampling_settings/read")
    async def sampling(request: Request) -> Response:
        """Every call is kept."""
        await desk.reading(request, ProjectBody)
        return json_answer({"dry_run": False, "sample_rate": 1.0})

    @routes.get("/project/sensitive_data_settings")
    async def sensitive(request: Request, project_id: str) -> Response:
        """Nothing is taken out of calls."""
        await desk.enter(request, project_id)
        return json_answer({"policy": "off"})

    _ = (stats, sampling, sensitive)
    return routes
