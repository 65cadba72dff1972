"""What the routes of saved models and of the history take and tell."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

MAX_MESSAGES = 1000
MAX_FUNCTIONS = 128
MAX_STOPS = 16
MAX_TRIALS = 100
NAME_CHARS = 128

_Share = Annotated[float, Field(ge=-2, le=2)]
_Text = Annotated[str, Field(max_length=1000)]


class SavedParams(BaseModel):
    """The settings of a saved model, in the words of the Weave client's `LLMStructuredCompletionModel`."""

    model_config = ConfigDict(extra="forbid")

    messages_template: list[dict[str, JsonValue]] = Field(default=[], max_length=MAX_MESSAGES)
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, ge=0, le=1)
    max_tokens: int | None = Field(default=None, ge=0, le=100_000_000)
    presence_penalty: _Share | None = None
    frequency_penalty: _Share | None = None
    stop: list[_Text] | None = Field(default=None, max_length=MAX_STOPS)
    n_times: int | None = Field(default=None, ge=1, le=MAX_TRIALS)
    functions: list[dict[str, JsonValue]] | None = Field(default=None, max_length=MAX_FUNCTIONS)
    """Each with name, description and parameters, as in OpenAI's `tools[].function`."""
    response_format: Literal["text", "json_object", "json_schema"] | None = None
    response_format_schema: dict[str, JsonValue] | None = None
    """OpenAI's `response_format.json_schema`: name, schema, strict. The client does not read it."""


class SavedWanted(BaseModel):
    """A model to be saved; a name that is there already gets a new version."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=NAME_CHARS, pattern=r"^[^\x00-\x1f\x7f]+$")
    llm_model_id: str = Field(min_length=1, max_length=512)
    """The model as chats name it."""
    default_params: SavedParams = SavedParams()


class SavedModel(BaseModel):
    """One version of a saved model."""

    object_id: str
    name: str
    digest: str
    version_index: int
    ref: str
    """What `weave.ref(...)` takes."""
    created_at: datetime
    llm_model_id: str
    default_params: SavedParams


class SavedList(BaseModel):
    """Saved models, the newest first."""

    models: list[SavedModel]


class ChatTold(BaseModel):
    """One chat of the history, at a glance."""

    id: str
    """Of the call, the usage record and the ledger entry alike."""
    started_at: datetime
    user: str
    model: str
    said: str
    """The beginning of the last message of the user."""
    excerpt: str
    """Where a search found its words in another message or the answer: what stands there."""
    messages: int
    ok: bool
    input_tokens: int
    output_tokens: int
    cost_nusd: str
    total_ms: float


class ChatPage(BaseModel):
    """Chats, newest first."""

    chats: list[ChatTold]
    next_cursor: str | None
    """What to send as `cursor` for the next page; null when there is none."""


class ChatWhole(BaseModel):
    """One chat, to be loaded again: what was asked and answered, in OpenAI's words."""

    id: str
    started_at: datetime
    user: str
    request: dict[str, JsonValue]
    response: dict[str, JsonValue] | None
    error: str | None
