"""What to do about an engine that does not serve, by what it said. Pure.

Owns the words for people; the causes are told by the keeper, by processes and by remote servers in theirs. A cause that
is not known leads to the log.
"""

from weft.engines.types import ModelSnapshot, ModelStage

_BY_WORDS = (
    (
        ("out of memory", "cannot allocate", "oom", "signal 9", "sigkill", "bad_alloc"),
        "It ran out of memory. Unload another model, or give its card a smaller quantization or context.",
    ),
    (
        (
            "could not connect",
            "connection refused",
            "name or service not known",
            "no route to host",
        ),
        "Nothing answers at its URL. Start that server, or mend `url` under [engines.remote] in the model's card.",
    ),
    (
        ("401", "403", "unauthorized", "forbidden"),
        "The server there wants another key: see `api_key_file` under [engines.remote] in the model's card.",
    ),
    (
        ("404", "does not serve", "no such model", "not found"),
        "The server there does not know this model: see `served_model` under [engines.remote] in its card.",
    ),
    (
        ("no such file", "cannot open", "failed to load model", "is not there"),
        "Its weights are not where its card says. `weft models pull MODEL` brings them.",
    ),
    (
        ("did not become ready", "did not say where it listens"),
        "It takes longer to start than an engine may. Look for the reason in its log; a slow disk is the usual one.",
    ),
    (
        ("did not answer for its health",),
        "It hung, and is started anew by itself. If that repeats, lower `parallel` or the context in its card.",
    ),
)
_OTHERWISE = "Its log says more. `weft doctor` checks what engines need of this machine."
_NO_ROOM = (
    "Raise engine_memory_mib if the machine has more, or give its card a smaller quantization."
)
_WAITING = "It waits for memory that other models hold. Unload one of them, or unpin it."


def advice_for(snapshot: ModelSnapshot) -> str:
    """One or two sentences; empty where nothing is in the way."""
    if snapshot.stage is ModelStage.NO_ROOM:
        return _NO_ROOM
    if snapshot.stage is ModelStage.WAITING:
        return _WAITING
    if snapshot.stage is not ModelStage.FAILED:
        return ""
    return advice_on(snapshot.reason)


def advice_on(reason: str) -> str:
    """What to do about a failure for this reason."""
    said = reason.lower()
    for words, advice in _BY_WORDS:
        if any(word in said for word in words):
            return advice
    return _OTHERWISE
