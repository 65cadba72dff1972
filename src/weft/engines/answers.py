"""The shapes of `/api/engines`, and how snapshots become them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel

from weft.catalog.badges.types import Badge, BadgeState, Feature
from weft.catalog.badges.wire import badge_rows
from weft.engines.advice import advice_for
from weft.engines.machine import memory_mib
from weft.engines.pool import Engines
from weft.engines.process.memory import gpu_mib, resident_mib, trees
from weft.engines.types import EngineSnapshot, EngineState, ModelSnapshot, ModelStage, Route
from weft.kit.clock import from_us

LOG_LINES = 40
LOADS = 5


class ReplicaInfo(BaseModel):
    """One engine process, or one remote server."""

    name: str
    state: EngineState
    since: datetime
    reason: str
    """Why it failed, or what its start waits for; empty where there is nothing to say."""
    pid: int | None
    memory_mib: int | None
    """What its processes hold in RAM; null where nobody can tell."""
    gpu_memory_mib: int | None
    in_flight: int
    max_in_flight: int
    restarts: int
    failed_at: datetime | None
    """When it failed last, as long as that is remembered."""
    failure: str
    """Why it failed then."""


class LoadInfo(BaseModel):
    """How long one load took."""

    at: datetime
    load_ms: int


class ModelInfo(BaseModel):
    """One model that this server can run, over all its replicas."""

    model: str
    key: str
    """The model, and the adapter if there is one."""
    engine: str
    """The kind: `llama_cpp`, `remote`."""
    stage: ModelStage
    reason: str
    """What is in the way; empty where nothing is."""
    remedy: str
    """What to do about it; empty where nothing is to be done."""
    pinned: bool
    replicas: list[ReplicaInfo]
    min_replicas: int
    max_replicas: int
    in_flight: int
    waiting: int
    tokens_per_s: float
    """Of the requests that ended lately."""
    idle_left_s: float | None
    """Until it sleeps if nothing comes; null while it works, sleeps, or is kept awake."""
    eta_s: float | None
    """Until a request that comes now is taken; null while it is ready."""
    memory_mib: int | None
    gpu_memory_mib: int | None
    needs_memory_mib: int
    """What is kept free for each replica."""
    needs_gpus: int
    needs_gpu_memory_mib: int
    loads: list[LoadInfo]
    """The last few, the newest first."""


class ModelDetails(ModelInfo):
    """The same, with the last lines that its engines wrote."""

    log: list[str]


class GpuInfo(BaseModel):
    """One accelerator of this machine."""

    index: int
    name: str
    memory_mib: int
    held_mib: int
    """What is kept for the engines on it."""


class MachineInfo(BaseModel):
    """What engines may use, and what is kept for those that run."""

    memory_mib: int
    """Of the machine."""
    budget_mib: int
    """For all engines together (`engine_memory_mib`); 0: not limited."""
    held_mib: int
    """What is kept for the replicas that run, start or end, by their cards."""
    used_mib: int | None
    """What their processes hold in RAM; null where nobody can tell."""
    gpus: list[GpuInfo]


class ModelInfos(BaseModel):
    """Every model that this server can run, and the machine that it runs them on."""

    machine: MachineInfo
    models: list[ModelInfo]


class EngineLog(BaseModel):
    """Lines of one replica. Ask again with `after` = `next` for what it writes from then on."""

    model: str
    replica: str
    """Empty where none ever ran."""
    replicas: list[str]
    state: EngineState
    lines: list[str]
    next: int
    """How many lines it wrote up to the last of these."""
    skipped: int
    """Lines after `after` that are not kept any more."""


class BadgeInfo(BaseModel):
    """One feature, as `/v1/models` tells it under `weft.badges`."""

    feature: Feature
    state: BadgeState
    checked_at: str | None
    """Null where no probe could tell."""
    detail: str


class ProbedModel(BaseModel):
    """What the probes of a model found."""

    model: str
    badges: list[BadgeInfo]


@dataclass(frozen=True, slots=True)
class MemoryUse:
    """What the processes of engines hold at one moment."""

    rss_mib: Mapping[int, int]
    gpu_mib: Mapping[int, int]

    @classmethod
    async def of(cls, snapshots: list[ModelSnapshot]) -> "MemoryUse":
        """By the first process of each replica."""
        pids = [one.pid for model in snapshots for one in model.replicas if one.pid is not None]
        found = trees(pids) if pids else {}
        on_gpus: Mapping[int, int] = await gpu_mib() if found else dict[int, int]()
        return cls(
            {pid: resident_mib(tree) for pid, tree in found.items()},
            {
                pid: sum(on_gpus.get(one, 0) for one in tree)
                for pid, tree in found.items()
                if any(one in on_gpus for one in tree)
            },
        )


def model_infos(
    engines: Engines, memory: MemoryUse, snapshots: Iterable[ModelSnapshot]
) -> ModelInfos:
    """All models, and the machine, as the API tells them."""
    models = [model_info(engines, one, memory) for one in snapshots]
    capacity, held = engines.keeper.capacity, engines.keeper.held()
    return ModelInfos(
        machine=MachineInfo(
            memory_mib=memory_mib(),
            budget_mib=capacity.memory_mib,
            held_mib=sum(one.demand.memory_mib for one in held),
            used_mib=_sum([one.memory_mib for one in models]),
            gpus=[
                GpuInfo(
                    index=gpu.index,
                    name=gpu.name,
                    memory_mib=gpu.memory_mib,
                    held_mib=sum(
                        one.demand.gpu_memory_mib for one in held if gpu.index in one.gpus
                    ),
                )
                for gpu in capacity.gpus
            ],
        ),
        models=models,
    )


def model_info(engines: Engines, snapshot: ModelSnapshot, memory: MemoryUse) -> ModelInfo:
    """A model as the API tells it."""
    replicas = [_replica(one, memory) for one in snapshot.replicas]
    loads = engines.keeper.loads.newest(snapshot.key, snapshot.kind, LOADS)
    return ModelInfo(
        model=snapshot.model,
        key=snapshot.key,
        engine=snapshot.kind,
        stage=snapshot.stage,
        reason=snapshot.reason,
        remedy=advice_for(snapshot),
        pinned=snapshot.is_pinned,
        replicas=replicas,
        min_replicas=snapshot.least_replicas,
        max_replicas=snapshot.most_replicas,
        in_flight=snapshot.in_flight,
        waiting=snapshot.waiting,
        tokens_per_s=round(snapshot.tokens_per_s, 1),
        idle_left_s=snapshot.idle_left_s,
        eta_s=snapshot.eta_s,
        memory_mib=_sum([one.memory_mib for one in replicas]),
        gpu_memory_mib=_sum([one.gpu_memory_mib for one in replicas]),
        needs_memory_mib=snapshot.demand.memory_mib,
        needs_gpus=snapshot.demand.gpus,
        needs_gpu_memory_mib=snapshot.demand.gpu_memory_mib,
        loads=[LoadInfo(at=from_us(one.at_us), load_ms=one.load_ms) for one in loads],
    )


def model_details(engines: Engines, snapshot: ModelSnapshot, memory: MemoryUse) -> ModelDetails:
    """The same with the log of the replica that changed last."""
    newest = newest_replica(snapshot)
    lines = list(newest.log[-LOG_LINES:]) if newest is not None else []
    return ModelDetails(**model_info(engines, snapshot, memory).model_dump(), log=lines)


def newest_replica(snapshot: ModelSnapshot) -> EngineSnapshot | None:
    """The one that changed last."""
    return max(snapshot.replicas, key=lambda one: one.since, default=None)


def engine_log(
    snapshot: ModelSnapshot, replica: EngineSnapshot | None, after: int, limit: int
) -> EngineLog:
    """At most `limit` lines of a replica after the first `after`; of fewer, the newest."""
    names = [one.name for one in snapshot.replicas]
    if replica is None:
        return EngineLog(
            model=snapshot.model,
            replica="",
            replicas=names,
            state=EngineState.STOPPED,
            lines=[],
            next=0,
            skipped=0,
        )
    if after > replica.log_end:  # it is another one than when `after` was told
        after = 0
    new = min(replica.log_end - after, limit, len(replica.log))
    return EngineLog(
        model=snapshot.model,
        replica=replica.name,
        replicas=names,
        state=replica.state,
        lines=list(replica.log[len(replica.log) - new :]),
        next=replica.log_end,
        skipped=replica.log_end - after - new,
    )


def probed_model(route: Route, badges: Sequence[Badge]) -> ProbedModel:
    """Its badges, in the words of `/v1/models`."""
    rows = [
        BadgeInfo(
            feature=row.feature, state=row.state, checked_at=row.checked_at, detail=row.detail
        )
        for row in badge_rows(badges)
    ]
    return ProbedModel(model=route.card.id, badges=rows)


def _replica(snapshot: EngineSnapshot, memory: MemoryUse) -> ReplicaInfo:
    pid = snapshot.pid
    return ReplicaInfo(
        name=snapshot.name,
        state=snapshot.state,
        since=snapshot.since,
        reason=snapshot.reason,
        pid=pid,
        memory_mib=None if pid is None else memory.rss_mib.get(pid),
        gpu_memory_mib=None if pid is None else memory.gpu_mib.get(pid),
        in_flight=snapshot.in_flight,
        max_in_flight=snapshot.max_in_flight,
        restarts=snapshot.restarts,
        failed_at=snapshot.failure.at if snapshot.failure else None,
        failure=snapshot.failure.reason if snapshot.failure else "",
    )


def _sum(parts: list[int | None]) -> int | None:
    known = [part for part in parts if part is not None]
    return sum(known) if known else None
