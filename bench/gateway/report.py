"""The tables of a run, as Markdown. `report.py FILE.jsonl` makes them again from what a run wrote."""

import statistics
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from records import Figure, Machine, Results, TargetRecord, read_results
from requirements import Verdict, judge

NOT_MEASURED = "-"


def render(results: Results) -> str:
    """The whole report."""
    measured = [target for target in results.targets if not target.skipped]
    return "\n".join(
        [
            *_conditions(results),
            "",
            "## Requirements",
            "",
            *_requirements(judge(results)),
            "",
            "## Short answers",
            "",
            *_answers(results, measured),
            "",
            "## Streams",
            "",
            *_streams(results, measured),
            "",
        ]
    )


def _conditions(results: Results) -> list[str]:
    machine = results.machine
    place = (
        f"{machine.cpu}, {machine.cores} cores, {machine.memory_gib:.0f} GiB, Linux {machine.kernel}, "
        f"Python {machine.python}; Weft at commit {machine.commit}. Gateway on core {machine.gateway_core}; "
        f"upstream and load client on core {machine.load_core}; loopback, no TLS."
    )
    lines = [
        f"# Gateways side by side, {machine.started_at}",
        "",
        place,
        f"{_repetitions(machine)} `x [y]` is the median [the best repetition]. {_noise(results)}",
    ]
    probes = [results.find_disk(repetition) for repetition in range(machine.repetitions)]
    known = [probe for probe in probes if probe]
    if known:
        p50 = statistics.median(probe.fdatasync_p50_us for probe in known)
        p99 = statistics.median(probe.fdatasync_p99_us for probe in known)
        lines.append(f"fdatasync of 8 KiB on this disk: p50 {p50:.0f} us, p99 {p99:.0f} us.")
    lines += [
        f"Left out: {target.name}: {target.skipped}" for target in results.targets if target.skipped
    ]
    return lines


def _repetitions(machine: Machine) -> str:
    if machine.quick:
        return "A quick run, good to see that everything works and no more."
    return f"{machine.repetitions} repetitions, the targets of each scenario one after the other."


def _noise(results: Results) -> str:
    foreign = [sample.foreign_cores for sample in results.samples()]
    if not foreign:
        return ""
    middle, most = statistics.median(foreign), max(foreign)
    verdict = "" if middle < 0.1 else " **The machine was not quiet.**"
    return f"Other work on the machine took {middle:.2f} cores in the median sample, {most:.2f} at most.{verdict}"


def _requirements(verdicts: Iterable[Verdict]) -> list[str]:
    rows: list[list[str]] = []
    for verdict in verdicts:
        sign = ">=" if verdict.at_least else "<="
        aim = "" if verdict.aim is None else f"{sign} {verdict.aim:g} {verdict.unit}".strip()
        figure = "not measured"
        if verdict.figure is not None:
            figure = f"{verdict.figure:,.3g} {verdict.unit}".strip()
        outcome = {True: "pass", False: "**FAIL**", None: "not measured"}[verdict.passed]
        if verdict.reaches_aim:
            outcome += ", reaches the aim"
        bound = f"{sign} {verdict.must:g} {verdict.unit}".strip()
        rows.append([verdict.text, figure, bound, aim, outcome, verdict.basis])
    return _table(["requirement", "measured", "must", "aim", "outcome", "behind it"], rows)


def _answers(results: Results, targets: Sequence[TargetRecord]) -> list[str]:
    head = [
        "target",
        "key checked",
        "writes down",
        "CPU us/request, c=64",
        "capacity, requests/s/core",
        "requests/s, c=1",
        "c=16",
        "c=64",
        "p50 us, c=1",
        "p99 us, c=1",
        "p50 ms, c=64",
        "CPU us/request, 32 kB prompt",
        "peak RSS MiB",
        "not ok",
    ]
    rows: list[list[str]] = []
    for target in targets:
        name = target.name
        cell = _Cells(results, name)
        rss = results.peak_rss_mib(name)
        rows.append(
            [
                f"{name} {target.version}".strip(),
                "yes" if target.checks_key else "no",
                target.records,
                cell("c64", lambda s: s.cpu_us_per_request, 1, best=min),
                cell("c64", lambda s: s.capacity, 0, best=max),
                cell("c1", lambda s: s.requests_per_s, 0, best=max),
                cell("c16", lambda s: s.requests_per_s, 0, best=max),
                cell("c64", lambda s: s.requests_per_s, 0, best=max),
                cell("c1", lambda s: s.load.latency_us.p50, 0, best=min),
                cell("c1", lambda s: s.load.latency_us.p99, 0, best=min),
                cell("c64", lambda s: s.load.latency_us.p50 / 1000, 1, best=min),
                cell("prompt32k", lambda s: s.cpu_us_per_request, 1, best=min),
                NOT_MEASURED if rss is None else f"{rss:.0f}",
                str(sum(sample.load.lost for sample in results.samples(name))),
            ]
        )
    return _table(head, rows)


def _streams(results: Results, targets: Sequence[TargetRecord]) -> list[str]:
    head = ["target", "burst CPU us/chunk", "burst chunks/s"]
    for streams, offered in (("64", "3,200"), ("256", "12,800")):
        head += [
            f"{streams} slow: chunks/s of {offered}",
            "first chunk p50 us",
            "relay p50 us",
            "relay p99 ms",
            "CPU us/chunk",
        ]
    rows: list[list[str]] = []
    for target in targets:
        cell = _Cells(results, target.name)
        row = [
            target.name,
            cell("burst64", lambda s: s.cpu_us_per_chunk, 1, best=min),
            cell("burst64", lambda s: s.chunks_per_s, 0, best=max),
        ]
        for scenario in ("slow64", "slow256"):
            row += [
                cell(scenario, lambda s: s.chunks_per_s, 0, best=max),
                cell(scenario, lambda s: s.load.first_chunk_us.p50, 0, best=min),
                cell(scenario, lambda s: s.load.relay_us.p50, 0, best=min),
                cell(scenario, lambda s: s.load.relay_us.p99 / 1000, 2, best=min),
                cell(scenario, lambda s: s.cpu_us_per_chunk, 1, best=min),
            ]
        rows.append(row)
    return _table(head, rows)


class _Cells:
    """Renders one target's figures."""

    def __init__(self, results: Results, target: str) -> None:
        self._results = results
        self._target = target

    def __call__(
        self,
        scenario: str,
        figure: Figure,
        digits: int,
        *,
        best: Callable[[Sequence[float]], float],
    ) -> str:
        values = self._results.values(self._target, scenario, figure)
        if not values:
            return NOT_MEASURED
        text = f"{statistics.median(values):,.{digits}f}"
        return text if len(values) == 1 else f"{text} [{best(values):,.{digits}f}]"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return lines + ["| " + " | ".join(row) + " |" for row in rows]


if __name__ == "__main__":
    print(render(read_results(Path(sys.argv[1]))))
