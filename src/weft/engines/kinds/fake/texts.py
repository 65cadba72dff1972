"""The fake engine's plain completions and embeddings: what is asked, and the words of the answers.

A plain completion repeats its prompt, as a chat does. An embedding is made of a hash of the text: the same text always
has the same one, and it has length 1.
"""

import base64
import hashlib
import itertools
import math
import struct
import zlib
from collections.abc import Sequence

import msgspec

from weft.engines.kinds.fake.answers import Answer, Question, Switches, count_tokens
from weft.engines.kinds.fake.asked import Message, StreamOptions
from weft.engines.kinds.fake.work import Delta, Work
from weft.kit.errors import Json

DIMENSIONS = 8
MOST_DIMENSIONS = 1024
VOCABULARY = 2**24
WORDS_KEPT = 10_000
"""So many words can be told again by their ids."""

Texts = str | list[str | int | list[int]]


def said(texts: Texts) -> list[str]:
    """Each of the texts; a token id is a word."""
    if isinstance(texts, str):
        return [texts]
    if texts and isinstance(texts[0], int):
        return [" ".join(str(token) for token in texts)]
    return [
        text if isinstance(text, str) else " ".join(map(str, text))
        for text in texts
        if not isinstance(text, int)
    ]


class Prompted(msgspec.Struct, kw_only=True):
    """A request for plain completions."""

    model: str = "fake"
    prompt: Texts
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: int = 16
    stop: str | list[str] | None = None
    n: int | None = None
    seed: int | None = None
    logprobs: int | None = None

    def questions(self) -> list[Question]:
        """The same, as if each prompt had been said in a chat."""
        return [
            Question(
                model=self.model,
                messages=[Message("user", prompt)],
                stream=self.stream,
                stream_options=self.stream_options,
                max_tokens=self.max_tokens,
                stop=self.stop,
                n=self.n,
                seed=self.seed,
                logprobs=self.logprobs is not None,
                top_logprobs=self.logprobs,
            )
            for prompt in said(self.prompt)
        ]


class TextWork(Work):
    """Plain completions."""

    kind = chunk_kind = "text_completion"

    def whole(self, index: int, answer: Answer) -> dict[str, Json]:
        """See `Work.whole`."""
        return self._choice(index, answer.pieces, answer.finish_reason)

    def opening(self, index: int, answer: Answer) -> list[dict[str, Json]]:  # noqa: ARG002 - the base's signature
        """See `Work.opening`."""
        return []

    def ending(self, index: int, answer: Answer) -> dict[str, Json]:
        """See `Work.ending`."""
        return self._choice(index, (), answer.finish_reason)

    def piece(self, delta: Delta) -> dict[str, Json]:
        """See `Work.piece`."""
        return self._choice(delta.index, delta.pieces, None)

    def _choice(
        self, index: int, pieces: Sequence[str], finish_reason: str | None
    ) -> dict[str, Json]:
        logprobs: Json = None
        if self._question.logprobs and pieces:
            top = self._question.top_logprobs or 0
            words: list[Json] = list(pieces)
            each: list[Json] = [-0.25 for _ in pieces]
            tops: list[Json] = [{piece: -0.25} if top else {} for piece in pieces]
            starts = itertools.accumulate((len(piece) for piece in pieces[:-1]), initial=0)
            offsets: list[Json] = list(starts)
            logprobs = {
                "tokens": words,
                "token_logprobs": each,
                "top_logprobs": tops,
                "text_offset": offsets,
            }
        return {
            "index": index,
            "text": "".join(pieces),
            "logprobs": logprobs,
            "finish_reason": finish_reason,
        }


class Tokenized(msgspec.Struct, kw_only=True):
    """A request for token ids: of a text, or of all that is said in a chat."""

    prompt: str | None = None
    messages: list[Message] = []

    def words(self) -> list[str]:
        """A token each; a chat has one at least."""
        if self.prompt is not None:
            return self.prompt.split()
        return [
            word for text in Question(messages=self.messages).texts() for word in text.split()
        ] or [""]

    def count(self, switches: Switches) -> int:
        """How many the engine would say that a prompt has."""
        if self.prompt is not None:
            return len(self.words())
        return Question(messages=self.messages).prompt_as_read(switches)


class Detokenized(msgspec.Struct):
    """A request for the text of token ids."""

    tokens: list[int]


def token_of(word: str) -> int:
    """The id of a word."""
    return zlib.crc32(word.encode()) % VOCABULARY


class Embedded(msgspec.Struct, kw_only=True):
    """A request for embeddings."""

    model: str = "fake"
    input: Texts
    encoding_format: str = "float"
    dimensions: int = DIMENSIONS

    def answer(self, *, tells_usage: bool) -> Json:
        """The body."""
        texts = said(self.input)
        size = min(self.dimensions, MOST_DIMENSIONS)
        data: list[Json] = [
            {"object": "embedding", "index": index, "embedding": self._written(vector(text, size))}
            for index, text in enumerate(texts)
        ]
        body: dict[str, Json] = {"object": "list", "model": self.model, "data": data}
        if tells_usage:
            tokens = sum(max(1, count_tokens(text)) for text in texts)
            body["usage"] = {"prompt_tokens": tokens, "total_tokens": tokens}
        return body

    def _written(self, values: list[float]) -> Json:
        if self.encoding_format == "base64":
            return base64.b64encode(struct.pack(f"<{len(values)}f", *values)).decode()
        return list(values)


def vector(text: str, dimensions: int) -> list[float]:
    """The embedding of a text."""
    digest = hashlib.shake_256(text.encode()).digest(2 * dimensions)
    values = [value - 32767.5 for value in struct.unpack(f"<{dimensions}H", digest)]
    length = math.sqrt(sum(value * value for value in values))
    return [value / length for value in values]
