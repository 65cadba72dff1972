"""The body of an OTLP request: packed or not, protobuf or JSON; bounded before it is unpacked.

Source: OTLP specification 1.7, OTLP/HTTP: ids are bytes in protobuf and hex digits in JSON, unlike the rest of
protobuf's JSON; unknown fields are ignored; a success may be partial.
"""

import base64
import zlib
from typing import Any

import msgspec
from google.protobuf import json_format
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from weft.kit.errors import InvalidRequest, PayloadTooLarge, WeftError
from weft.traces.otel.values import as_object, objects_in

UNPACKED_LIMIT_BYTES = 64 * 1024 * 1024
PROTOBUF, JSON = "application/x-protobuf", "application/json"
_WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
_IDS = ("traceId", "spanId", "parentSpanId", "trace_id", "span_id", "parent_span_id")


class BadOtlp(InvalidRequest):
    """The body is no OTLP request."""

    code = "invalid_otlp"
    remedy = "send an ExportTraceServiceRequest, as protobuf or as JSON"


class UnknownForm(BadOtlp):
    """Its content type, or the way it is packed, is none of OTLP's."""

    status = 415
    code = "unsupported_media_type"


def unpack(body: bytes, encoding: str) -> bytes:
    """The body itself.

    Raises:
        UnknownForm: it is packed in a way that is not known here.
        PayloadTooLarge: unpacked it is over the bound.
        BadOtlp: it is damaged.
    """
    encoding = encoding.strip().lower()
    if encoding in {"", "identity"}:
        return body
    if encoding not in _WINDOWS:
        raise UnknownForm(
            f"the content-encoding {encoding[:40]} is not known here", remedy="use gzip"
        )
    unpacked = bytearray()
    rest = body
    try:
        while rest:
            unpacker = zlib.decompressobj(_WINDOWS[encoding])
            unpacked += unpacker.decompress(rest, UNPACKED_LIMIT_BYTES + 1 - len(unpacked))
            if len(unpacked) > UNPACKED_LIMIT_BYTES or unpacker.unconsumed_tail:
                raise PayloadTooLarge(
                    f"the request is over {UNPACKED_LIMIT_BYTES} bytes when unpacked",
                    remedy="send fewer spans in one request",
                )
            if not unpacker.eof:
                raise BadOtlp("the packed body ends too soon")
            rest = unpacker.unused_data
    except zlib.error as error:
        raise BadOtlp("the body is not packed as its content-encoding says") from error
    return bytes(unpacked)


def is_json(content_type: str) -> bool:
    """Whether a request of this content type is JSON; else it is protobuf.

    Raises:
        UnknownForm: it is neither.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind in {PROTOBUF, "application/protobuf", "application/octet-stream", ""}:
        return False
    if kind == JSON:
        return True
    raise UnknownForm(
        f"the content-type {kind[:80]} is not OTLP's", remedy=f"send {PROTOBUF} or {JSON}"
    )


def read_request(body: bytes, *, as_json: bool) -> ExportTraceServiceRequest:
    """The request.

    Raises:
        BadOtlp: it is none.
    """
    try:
        if not as_json:
            return ExportTraceServiceRequest.FromString(body)
        told = as_object(msgspec.json.decode(body))
        if told is None:
            raise BadOtlp("the body is no JSON object")
        _bytes_of_ids(told)
        return json_format.ParseDict(told, ExportTraceServiceRequest(), ignore_unknown_fields=True)
    except (DecodeError, msgspec.DecodeError, json_format.ParseError) as error:
        raise BadOtlp(f"the body is no OTLP request: {str(error)[:200]}") from error
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise BadOtlp("the body is no OTLP request") from error


def success(rejected: int, message: str, *, as_json: bool) -> bytes:
    """The body of an answer; says how many spans were rejected, and why, if any were."""
    response = ExportTraceServiceResponse()
    if rejected:
        response.partial_success.rejected_spans = rejected
        response.partial_success.error_message = message
    if as_json:
        return msgspec.json.encode(json_format.MessageToDict(response))
    return response.SerializeToString()


def refusal(error: WeftError, *, as_json: bool) -> bytes:
    """The body of a refusal: a `google.rpc.Status` with the message, as OTLP wants it."""
    remedy = error.metadata.get("remedy")
    text = f"{error.message.rstrip('.')}. {remedy}" if remedy else error.message
    if as_json:
        return msgspec.json.encode({"code": 0, "message": text, "reason": text})
    told = text.encode()
    return b"\x12" + _varint(len(told)) + told  # field 2, `message`


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _bytes_of_ids(told: dict[str, Any]) -> None:
    """Ids in the form that protobuf's JSON has for bytes; what is no id becomes an empty one."""
    for group in _lists(told, "resourceSpans", "resource_spans"):
        for scope in _lists(group, "scopeSpans", "scope_spans"):
            for span in _lists(scope, "spans"):
                _ids_of(span)
                for link in _lists(span, "links"):
                    _ids_of(link)


def _ids_of(told: dict[str, Any]) -> None:
    for name in _IDS:
        if name in told:
            try:
                raw = bytes.fromhex(told[name])
            except (ValueError, TypeError):
                raw = b""
            told[name] = base64.b64encode(raw).decode()


def _lists(told: dict[str, Any], *names: str) -> list[dict[str, Any]]:
    for name in names:
        if found := objects_in(told.get(name)):
            return found
    return []
