"""Engines on a Ray cluster: each replica is an actor there, and a bridge here that stands for it as a child process.

::

    gateway's machine                                         a node of the cluster
    EngineProcess ── stdin, announcements ── bridge ── Ray ── outpost ── stdin, announcements ── the engine's own child
         └──────────────────────── requests, straight to the node's address ────────────────────────────┘

Ray decides on which node, keeps the account of processors, GPUs and memory, and asks for more machines. Everything else
is as with an engine on this machine. Nothing of Ray is ever imported in the gateway's process.
"""
