"""Whether a model, and the engine that runs it, have an endpoint at all."""

from weft.catalog.types import Modality
from weft.engines.types import Endpoint, Route
from weft.kit.errors import Unprocessable

_MAKES = {
    Endpoint.CHAT: Modality.TEXT,
    Endpoint.COMPLETIONS: Modality.TEXT,
    Endpoint.EMBEDDINGS: Modality.EMBEDDING,
}
_LACKS = {Modality.TEXT: "writes no text", Modality.EMBEDDING: "makes no embeddings"}


def check_endpoint(endpoint: Endpoint, route: Route) -> None:
    """Raise Unprocessable where the model that was asked for, or the engine that answers, does not do such a thing."""
    made = _MAKES.get(endpoint)
    if made is not None and made not in route.asked.modalities_output:
        raise _unable(f"'model' cannot be {route.asked.id} here: it {_LACKS[made]}.")
    if endpoint not in route.quirks.endpoints:
        raise _unable(f"'model' cannot be {route.asked.id} here: its engine has no {endpoint}.")


def _unable(detail: str) -> Unprocessable:
    return Unprocessable(
        detail,
        param="model",
        remedy="Choose a model that can; /inference/catalog/models tells what each one makes.",
        metadata={"detail": detail},
    )
