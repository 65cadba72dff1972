"""Server-sent events as bytes: finding whole events in whatever the network delivers.

Knows the framing of the HTML standard (section 9.2, event streams: lines end in LF, CR or CRLF, an empty line ends an
event, a line that begins with a colon is a comment) as far as engines use it, and nothing about what the data means.
"""

MAX_EVENT_BYTES = 8 * 1024 * 1024
"""A single event larger than this is no answer to a chat request."""

DONE = b"[DONE]"


class EventTooLarge(ValueError):
    """The stream went on for too long without ending an event."""


class EventSplitter:
    """Cuts a byte stream where an event ends. Bytes of an unfinished event are kept for the next call."""

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> bytes:
        """The whole events that are there now, one after the other, lines ending in LF; may be empty.

        Raises:
            EventTooLarge: more than `MAX_EVENT_BYTES` came without an end of event.
        """
        if self._rest:
            data = self._rest + data
            self._rest = b""
        held = b""
        if b"\r" in data:
            # A CR at the very end may be half of a CRLF: wait for what follows.
            held = b"\r" if data.endswith(b"\r") else b""
            data = data[: len(data) - len(held)].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if data.endswith(b"\n\n") and not held:
            return data
        end = data.rfind(b"\n\n") + 2
        if end == 1:
            self._keep(data + held)
            return b""
        self._keep(data[end:] + held)
        return data[:end]

    def _keep(self, rest: bytes) -> None:
        if len(rest) > MAX_EVENT_BYTES:
            msg = f"no end of event within {MAX_EVENT_BYTES} bytes"
            raise EventTooLarge(msg)
        self._rest = rest

    @property
    def rest(self) -> bytes:
        """What came after the last whole event."""
        return self._rest


def split_events(whole: bytes) -> list[bytes]:
    """The events in what `EventSplitter.feed` gave, each with its ending."""
    return [event + b"\n\n" for event in whole[:-2].split(b"\n\n")] if whole else []


def data_of(event: bytes) -> bytes:
    """The data of one event (several data lines joined by newlines); empty for comments and other fields."""
    if event.startswith(b"data:") and event.find(b"\n") == len(event) - 2:
        return event[6:-2] if event[5] == 0x20 else event[5:-2]
    lines = (line[5:] for line in event.split(b"\n") if line.startswith(b"data:"))
    return b"\n".join(line.removeprefix(b" ") for line in lines)


def event_of(data: bytes) -> bytes:
    """One event that carries `data`, which holds no line break."""
    return b"data: " + data + b"\n\n"
