"""What the weave client does with objects, ops, datasets, tables, files, tags, aliases and references; prints JSON.

Takes `team/project`. Reads everything back from the server: its cache is off, and nothing is kept in memory.
"""

import json
import os
import sys
from typing import Any

import weave
from weave.trace.weave_client import WeaveClient

PROJECT = sys.argv[1]
told: dict[str, Any] = {}


class Grower(weave.Model):
    """A model of a program's own."""

    factor: int
    data: Any = None

    @weave.op
    def predict(self, n: int) -> int:
        """An op of a model."""
        return n * self.factor


@weave.op
def double(n: int) -> int:
    """An op with its code."""
    return n * 2


def objects(client: WeaveClient) -> None:
    first = weave.publish(
        {"n": 1, "text": "ü", "big": 2**60, "list": [1, {"a b/c": 2}]}, name="thing"
    )
    second = weave.publish({"n": 2}, name="thing")
    again = weave.publish({"n": 2}, name="thing")
    told["versions"] = [second.digest == again.digest, first.digest != second.digest]
    told["latest"] = weave.ref("thing:latest").get()["n"]
    told["v0"] = weave.ref("thing:v0").get()["text"]
    told["path"] = weave.ref(first.uri + "/key/list/index/1/key/a%20b%2Fc").get()
    client.add_tags(first, ["reviewed", "staging"])
    client.remove_tags(first, ["staging"])
    client.set_aliases(first, "production")
    told["labels"] = client.get_tags_and_aliases(first)
    told["alias"] = weave.ref("thing:production").get()["n"]
    told["listed"] = [client.list_tags(), client.list_aliases()]
    client.remove_aliases(first, "production")
    told["deleted"] = client.delete_object_version(second)
    try:
        second.get()
    except ValueError as error:
        told["gone"] = str(error)
    told["latest_left"] = weave.ref("thing:latest").get()["n"]


def models() -> str:
    ref = weave.publish(Grower(name="grower", factor=3, data={"rows": [1, 2]}))
    back = weave.ref(ref.uri).get()
    told["model"] = [type(back).__name__, back.factor, back.predict(4), list(back.data["rows"])]
    op_ref = weave.publish(double)
    told["op"] = [op_ref.uri.split("/")[-2], weave.ref(op_ref.uri).get()(21)]
    told["code"] = "return n * 2" in weave.ref(op_ref.uri).get().get_captured_code()
    prompt = weave.publish(weave.StringPrompt("hello {name}"), name="greeting")
    told["prompt"] = weave.ref(prompt.uri).get().format(name="ada")
    return ref.digest


def own_digests(client: WeaveClient, digest: str) -> None:
    """The client computes digests itself, and the server agrees: it would switch that off otherwise."""
    os.environ["WEAVE_ENABLE_CLIENT_SIDE_DIGESTS"] = "true"
    ref = weave.publish(Grower(name="grower", factor=3, data={"rows": [1, 2]}))
    weave.publish(weave.Dataset(name="own", rows=[{"model": ref.uri}, {"n": 1}]))
    held = json.dumps([{"text": "ü", "ref": ref.uri}, 0.1])
    weave.publish(
        {"refs": [ref, ref.uri], "held": held, "n": [1e22, 2**62, -0.0, "\u2028"]}, name="odd"
    )
    client.flush()
    told["own"] = [ref.digest == digest, client.project_id_resolver.is_disabled]


def datasets() -> None:
    data = weave.Dataset(name="rows", rows=[{"n": n, "text": "x" * n} for n in range(250)])
    ref = weave.publish(data)
    back = weave.ref(ref.uri).get()
    told["dataset"] = [len(back), sum(row["n"] for row in back.rows), back.rows[120]["n"]]
    row = back.rows[7]
    told["row_ref"] = weave.ref(row.ref.uri + "/key/n").get()
    more = back.add_rows([{"n": 1000}, {"n": 1001}])
    grown = weave.ref(weave.publish(more, name="rows").uri).get()
    told["grown"] = [
        len(grown),
        [row["n"] for row in grown.rows][-2:],
        len(weave.ref(ref.uri).get()),
    ]
    told["selected"] = len(back.select(range(10, 20)))


def long_table() -> None:
    rows = [{"n": n, "text": "some text that is the same in every row of it"} for n in range(5000)]
    ref = weave.publish(weave.Dataset(name="long", rows=rows))
    back = weave.ref(ref.uri).get()
    told["long"] = [len(back), back.rows[4321]["n"], back.rows[4999]["n"]]
    told["iterated"] = sum(1 for _ in back.rows)


def files(client: WeaveClient) -> None:
    content = bytes(range(256)) * 12_000
    ref = weave.publish({"file": weave.Content.from_bytes(content, extension=".bin")}, name="blob")
    client.flush()  # the client does not wait for its uploads
    back = weave.ref(ref.uri).get()
    told["file"] = [len(back["file"].data), back["file"].data == content]


def main() -> None:
    client = weave.init(PROJECT)
    objects(client)
    digest = models()
    datasets()
    long_table()
    files(client)
    own_digests(client, digest)
    client.finish()
    sys.stdout.write(json.dumps(told))


main()
