"""Which public methods of the weave client a program really calls: seen by their code, whatever wraps them."""

import inspect
import json
import sys
import threading
import traceback

import weave
from weave.flow import leaderboard
from weave.prompt.prompt import EasyPrompt, MessagesPrompt, Prompt, StringPrompt
from weave.trace.call import Call
from weave.trace.feedback import FeedbackQuery, RefFeedbackQuery
from weave.trace.weave_client import WeaveClient
from weave.utils.paginated_iterator import PaginatedIterator

CLASSES = (
    WeaveClient,
    Call,
    PaginatedIterator,
    FeedbackQuery,
    RefFeedbackQuery,
    weave.Object,
    weave.Dataset,
    weave.Evaluation,
    weave.EvaluationLogger,
    weave.Model,
    weave.Scorer,
    Prompt,
    StringPrompt,
    MessagesPrompt,
    EasyPrompt,
    weave.Monitor,
    weave.Content,
    leaderboard.Leaderboard,
)
FUNCTIONS = {
    name: value
    for name, value in vars(weave).items()
    if not name.startswith("_")
    and inspect.isfunction(value)
    and value.__module__.startswith("weave.")
}


def codes_of(value):
    """The code of whatever a class has under a name."""
    if isinstance(value, property):
        value = value.fget
    if isinstance(value, (classmethod, staticmethod)):
        value = value.__func__
    value = getattr(value, "resolve_fn", value)  # an op
    value = getattr(value, "func", value)  # a cached property
    value = inspect.unwrap(value) if callable(value) else value
    return getattr(value, "__code__", None)


def public_methods():
    """Their names by their code; an inherited one goes by the class that has it."""
    found = {}
    for cls in CLASSES:
        for owner in cls.__mro__:
            if not owner.__module__.startswith("weave"):
                continue
            for name, value in vars(owner).items():
                code = None if name.startswith("_") else codes_of(value)
                if code is not None and "/weave/" in code.co_filename:
                    found[code] = f"{owner.__name__}.{name}"
    for name, value in FUNCTIONS.items():
        code = codes_of(value)
        if code is not None:
            found.setdefault(code, f"weave.{name}")
    found.setdefault(leaderboard.get_leaderboard_results.__code__, "get_leaderboard_results")
    return found


class Tour:
    """Notes what is called, and what the program saw."""

    def __init__(self):
        self._wanted = public_methods()
        self.called = set()
        self.seen = {}
        self.failed = {}

    def __enter__(self):
        def note(frame, event, _argument):
            if event == "call":
                name = self._wanted.get(frame.f_code)
                if name is not None:
                    self.called.add(name)

        threading.setprofile(note)
        sys.setprofile(note)
        return self

    def __exit__(self, *_error):
        sys.setprofile(None)
        threading.setprofile(None)

    def step(self, function):
        """Run a part of the tour; what it returns is seen under its name, and a failure ends only this part."""
        try:
            self.seen[function.__name__] = function()
        except Exception:  # noqa: BLE001 - the test shows it
            self.failed[function.__name__] = traceback.format_exc()[-3000:]
        return function

    def tell(self):
        """Print it all as the last line."""
        told = {"seen": self.seen, "failed": self.failed, "called": sorted(self.called)}
        sys.stdout.write(f"\n{json.dumps(told, default=str)}\n")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(sorted(set(public_methods().values()))))
