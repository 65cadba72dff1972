"""Tells what a cluster has (`python -m weft.engines.ray.look ADDRESS`): for `weft doctor`, which never imports Ray."""

import argparse
import json
from collections import Counter

from weft.engines.ray.cluster import NoCluster, connect


def main() -> None:
    """Print one line of JSON, or end with what is in the way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    try:
        ray = connect(parser.parse_args().address)
    except NoCluster as error:
        raise SystemExit(str(error)) from error
    alive = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    totals: Counter[str] = Counter()
    for resources in alive:
        totals.update(resources)
    ray.shutdown()
    cpus, gpus, memory = totals["CPU"], totals["GPU"], totals["memory"]
    found = {"nodes": len(alive), "cpus": cpus, "gpus": gpus, "memory_mib": int(memory) >> 20}
    print(json.dumps(found), flush=True)  # noqa: T201 - what it is for


if __name__ == "__main__":
    main()
