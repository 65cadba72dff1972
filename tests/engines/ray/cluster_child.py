"""A Ray cluster of several nodes on this machine, in a process of its own: Ray shares no process with the tests.

Its argument is the head's address. Reads one command a line (`add HOST CPUS MEMORY_MIB`, `kill HOST`, `actors`),
answers each with a line of JSON, and takes everything down at the end of its input.
"""
# pyright: basic
# Ray's types are its own affair.

import json
import os
import sys
from typing import Any

import ray
from ray._private import state
from ray.cluster_utils import Cluster

STORE_BYTES = 80 << 20
MIB = 1 << 20
SOON = {
    "health_check_initial_delay_ms": 1000,
    "health_check_period_ms": 1000,
    "health_check_timeout_ms": 4000,
    "health_check_failure_threshold": 2,
}
"""How a dead node is noticed; Ray's own figures make that 15 seconds and more."""


def main() -> None:
    """Hold the cluster."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    # Like the machine of a gateway: part of the cluster, and offering it nothing.
    head = {
        "num_cpus": 0,
        "memory": MIB,
        "object_store_memory": STORE_BYTES,
        "node_ip_address": sys.argv[1],
        "include_dashboard": False,
        "_system_config": SOON,
    }
    cluster = Cluster(initialize_head=True, head_node_args=head)
    ray.init(cluster.address, log_to_driver=False, configure_logging=False)
    nodes: dict[str, Any] = {}
    answer: object = cluster.address
    while True:
        answers.write(json.dumps(answer) + "\n")
        match sys.stdin.readline().split():
            case ["add", host, cpus, memory_mib]:
                nodes[host] = cluster.add_node(
                    num_cpus=int(cpus),
                    memory=int(memory_mib) * MIB,
                    object_store_memory=STORE_BYTES,
                    node_ip_address=host,
                )
                answer = host
            case ["kill", host]:
                cluster.remove_node(nodes.pop(host), allow_graceful=False)
                answer = host
            case ["actors"]:
                found = state.actors().values()
                answer = [actor["Name"] for actor in found if actor["State"] != "DEAD"]
            case _:
                break
    ray.shutdown()
    cluster.shutdown()


if __name__ == "__main__":
    main()
