"""One loaded model: its pipeline, its tokens, its template, and the format that it writes.

Owns what is fixed while the child lives. Knows no request.
"""

from dataclasses import dataclass

from weft.engines.formats.registry import detect
from weft.engines.formats.types import Format
from weft.engines.kinds.openvino.library import Library, Pipeline, Tensor, Tokenizer, make_tensor
from weft.engines.kinds.openvino.template import ChatTemplate
from weft.engines.kinds.openvino.text import PIECE_CHARS, Vocabulary, pieces_of

BLOCK_TOKENS = 32
"""What a block of the cache holds on a CPU (16 on a GPU: there the context is half as long)."""
BATCH_TOKENS = 512
"""Tokens of one step: long prompts are read in pieces, and whoever decodes waits for one piece at most."""
_ENDS = (
    *("<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<|endoftext|>", "<|end_of_text|>", "<|end|>"),
    *("<end_of_turn>", "</s>"),
)
"""Tokens that end a turn, whatever the file names as the one that does."""
_PROBE = "Größe: 12 naïve ✓ words,\n\tand  more. 🧵"


@dataclass(frozen=True, slots=True)
class Loading:
    """What to load, and how."""

    weights: str
    device: str
    context_tokens: int
    parallel: int
    threads: int


@dataclass(frozen=True, slots=True)
class Model:
    """A model that is ready to work."""

    library: Library
    pipeline: Pipeline
    tokenizer: Tokenizer
    vocabulary: Vocabulary
    template: ChatTemplate | None
    """None where the weights have none: then there are no chats."""
    format: Format
    ends: frozenset[int]
    """Tokens that end an answer."""
    context_tokens: int

    def encode(self, text: str, *, special: bool) -> Tensor:
        """The tokens of `text`; `special` puts those around it that the model wants."""
        if len(text) <= PIECE_CHARS:
            return self.tokenizer.encode(text, add_special_tokens=special).input_ids
        tokens: list[int] = []
        for piece in pieces_of(text):
            encoded = self.tokenizer.encode(piece, add_special_tokens=special and not tokens)
            tokens += map(int, encoded.input_ids.data[0])
        return make_tensor(tokens)


def load(library: Library, loading: Loading) -> Model:
    """Load it.

    Raises:
        RuntimeError: the library cannot; it says why.
        ValueError: the tokenizer or the template cannot be used.
    """
    scheduler = library.SchedulerConfig()
    scheduler.num_kv_blocks = -(-loading.context_tokens // BLOCK_TOKENS)
    scheduler.max_num_seqs = loading.parallel
    scheduler.max_num_batched_tokens = max(BATCH_TOKENS, loading.parallel)
    scheduler.enable_prefix_caching = True
    properties: dict[str, str | int] = {}
    if loading.device == "CPU" and loading.threads:
        properties["INFERENCE_NUM_THREADS"] = loading.threads
    pipeline = library.ContinuousBatchingPipeline(
        loading.weights, scheduler, loading.device, properties
    )
    tokenizer = pipeline.get_tokenizer()

    vocabulary = Vocabulary(tokenizer.get_vocab(), tokenizer.decode)
    probe = tokenizer.encode(_PROBE, add_special_tokens=False).input_ids
    if not vocabulary.agrees([int(token) for token in probe.data[0]]):
        raise ValueError("the way in which this tokenizer spells its tokens is not known")
    source = tokenizer.get_original_chat_template() or tokenizer.chat_template
    template = None
    if source:
        bos, eos = tokenizer.get_bos_token(), tokenizer.get_eos_token()
        template = ChatTemplate(source, bos=bos, eos=eos)
    return Model(
        library=library,
        pipeline=pipeline,
        tokenizer=tokenizer,
        vocabulary=vocabulary,
        template=template,
        format=detect(source),
        ends=_ends(pipeline, tokenizer, vocabulary),
        context_tokens=loading.context_tokens,
    )


def _ends(pipeline: Pipeline, tokenizer: Tokenizer, vocabulary: Vocabulary) -> frozenset[int]:
    told = {*pipeline.get_config().stop_token_ids, tokenizer.get_eos_token_id()}
    usual = {vocabulary.id_of(text) for text in _ENDS}
    special = {token for token in usual if token is not None and vocabulary.is_special(token)}
    return frozenset(token for token in told | special if token >= 0)
