"""What is published: objects, ops, datasets, prompts, models, monitors; their versions, names and ends."""

import io
import sys

import weave
from watch import Tour
from weave.prompt.prompt import EasyPrompt, MessagesPrompt, Prompt, StringPrompt
from weave.trace.weave_client import get_ref

PROJECT = sys.argv[1]
client = weave.init(PROJECT)
tour = Tour()


class Animal(weave.Object):
    name: str
    legs: int


class Zoo(weave.Object):
    animals: list[Animal]
    facts: dict


class Shouting(weave.Model):
    ending: str = "!"

    @weave.op
    def predict(self, word: str) -> str:
        return word.upper() + self.ending


class Plain:
    """Nothing that weave knows."""


FACTOR = 3


def tripled(n: int) -> int:
    return n * FACTOR


@weave.op
def uses_code(n: int) -> int:
    return tripled(n) + 1


def refused(work):
    """What the client raises by itself."""
    try:
        return work()
    except Exception as error:  # noqa: BLE001 - whatever it is
        return type(error).__name__


with tour:

    @tour.step
    def objects():
        zoo = Zoo(
            animals=[Animal(name="ant", legs=6), Animal(name="cat", legs=4)],
            facts={"a/b": {"x": [1, 2]}},
        )
        first = weave.publish(zoo, name="zoo")
        again = weave.publish(zoo, name="zoo")
        eel = Animal(name="eel", legs=0)
        second = weave.publish(Zoo(animals=[*zoo.animals, eel], facts={}), name="zoo")
        read = weave.ref(first.uri).get()
        newest = weave.ref("zoo").get()
        return {
            "same": first.digest == again.digest,
            "other": first.digest != second.digest,
            "classes": [type(read).__name__, type(read.animals[0]).__name__],
            "legs": [animal.legs for animal in read.animals],
            "newest": len(newest.animals),
            "v0": len(weave.ref("zoo:v0").get().animals),
            "latest": len(weave.ref("zoo:latest").get().animals),
            "path": weave.ref(first.uri + "/attr/animals/index/1/attr/name").get(),
            "key": list(weave.ref(first.uri + "/attr/facts/key/a%2Fb/key/x").get()),
            "get": weave.get(first.uri).animals[0].name,
            "client_get": client.get(first).facts["a/b"]["x"][1],
            "saved": client.save({"plain": [1, 2.5, None, True, "ü"]}, "plain")["plain"][4],
        }

    @tour.step
    def plain_values():
        made = {}
        for name, value in {
            "text": "words",
            "number": 4.5,
            "list": [1, [2]],
            "nothing": None,
            "odd": Plain(),
        }.items():
            ref = weave.publish(value, name=f"plain-{name}")
            made[name] = str(ref.get())[:20]
        return made

    @tour.step
    def labels():
        ref = weave.publish({"v": 1}, name="labelled", tags=["one"], aliases=["best"])
        other = weave.publish({"v": 2}, name="labelled")
        weave.add_tags(ref, ["two", "three"])
        weave.remove_tags(ref, ["three"])
        client.add_tags(other, ["four"])
        client.remove_tags(other, ["four"])
        weave.set_aliases(other, ["production", "spare"])
        weave.remove_aliases(other, "spare")
        client.set_aliases(other, "another")
        client.remove_aliases(other, ["another"])
        return {
            "tags": sorted(weave.get_tags(ref)),
            "client_tags": sorted(client.get_tags(ref)),
            "aliases": sorted(weave.get_aliases(other)),
            "client_aliases": sorted(client.get_aliases(ref)),
            "both": [sorted(part) for part in weave.get_tags_and_aliases(ref)],
            "client_both": [sorted(part) for part in client.get_tags_and_aliases(ref)],
            "all_tags": sorted(weave.list_tags()) == sorted(client.list_tags()),
            "listed": sorted(set(weave.list_aliases()) | set(client.list_aliases())),
            "by_alias": [
                weave.ref("labelled:best").get()["v"],
                weave.ref("labelled:production").get()["v"],
            ],
        }

    @tour.step
    def ops():
        ref = weave.publish(uses_code)
        read = weave.ref(ref.uri).get()
        as_op = weave.as_op(uses_code)
        return {
            "result": read(5),
            "code": "n * FACTOR" in read.get_captured_code(),
            "versions": uses_code.ref.uri == ref.uri,
            "as_op": as_op.name,
        }

    @tour.step
    def datasets():
        rows = [{"q": f"question {n}", "a": n, "more": {"x": [n]}} for n in range(3)]
        ref = weave.publish(weave.Dataset(name="small", rows=rows))
        read = weave.ref(ref.uri).get()
        grown = read.add_rows([{"q": "new", "a": 99, "more": {"x": []}}])
        chosen = read.select([0, 2])
        row_ref = get_ref(read.rows[1])
        calls = [
            weave.log_call("row source", {"q": n}, {"a": n}, use_stack=False) for n in range(2)
        ]
        client.flush()
        from_calls = weave.Dataset.from_calls(
            client.get_calls(filter={"call_ids": [c.id for c in calls]})
        )
        return {
            "len": len(read),
            "rows": [dict(row)["a"] for row in read],
            "columns": list(read.columns_names),
            "num_rows": read.num_rows,
            "grown": [len(grown), grown[3]["q"], get_ref(grown).digest != ref.digest],
            "chosen": [row["a"] for row in chosen],
            "from_uri": len(weave.Dataset.from_uri(ref.uri)),
            "row_ref": weave.ref(row_ref.uri + "/key/q").get(),
            "from_calls": len(from_calls),
            "converted": len(list(weave.Dataset.convert_to_table(rows))),
        }

    @tour.step
    def big_tables():
        rows = [{"n": n, "text": "word " * 20} for n in range(3500)]
        ref = weave.publish(weave.Dataset(name="big", rows=rows))
        read = weave.ref(ref.uri).get()
        return {
            "len": len(read),
            "ends": [read.rows[0]["n"], read.rows[1234]["n"], read.rows[3499]["n"]],
            "sum": sum(row["n"] for row in read.rows),
        }

    @tour.step
    def prompts():
        plain = StringPrompt("Say {word} to {who}")
        messages = MessagesPrompt(
            [{"role": "system", "content": "Be {how}"}, {"role": "user", "content": "Hi"}]
        )
        read = weave.ref(weave.publish(plain, name="plain-prompt").uri).get()
        read_messages = weave.ref(weave.publish(messages, name="chat-prompt").uri).get()
        return {
            "plain": read.format(word="hi", who="all"),
            "messages": read_messages.format(how="kind"),
            "message": read_messages.format_message({"role": "user", "content": "a {b}"}, b="c"),
            "class": type(read_messages).__name__,
            "is_prompt": isinstance(read, Prompt),
        }

    @tour.step
    def base_prompt():
        try:
            Prompt().format(a=1)
        except NotImplementedError:
            return "every kind formats itself"
        return "no"

    @tour.step
    def easy_prompts():
        easy = EasyPrompt("You are {kind}", role="system")
        easy.append("Tell {what}", role="user")
        easy.require("what", oneof=["jokes", "news"])
        easy.configure(temperature=0.5)
        ref = easy.publish(name="easy")
        read = weave.ref(ref.uri).get()
        bound = read.bind(kind="funny", what="jokes")
        dumped = io.StringIO()
        easy.dump(dumped)
        dumped.seek(0)
        easy.dump_file("easy.json")
        tables = [easy.values_table("v"), easy.messages_table("m"), easy.config_table("c")]
        return {
            "bound": [m["content"] for m in bound()],
            "is_bound": [bound.is_bound, easy.placeholders, easy.unbound_placeholders],
            "loaded": [
                len(EasyPrompt.load(dumped).data),
                len(EasyPrompt.load_file("easy.json").data),
            ],
            "config": read.config["temperature"],
            "rows": len(easy.bind_rows([{"kind": "a"}, {"kind": "b"}])),
            "system": easy.system_message["content"],
            "system_prompt": refused(lambda: easy.system_prompt),
            "messages": len(easy.messages),
            "text": [
                easy.as_str,
                len(easy.as_dict()["messages"]),
                len(easy.as_pydantic_dict()["data"]),
            ],
            "valid": [
                easy.validate_requirement("what", "lies"),
                easy.validate_requirements({"what": "news"}),
            ],
            "tables": len(tables),
            "printed": easy.print() is not None,
        }

    @tour.step
    def models():
        model = Shouting(ending="?")
        ref = weave.publish(model, name="shouting")
        read = weave.ref(ref.uri).get()
        return {
            "answer": read.predict("hello"),
            "kind": type(read).__name__,
            "infer": model.get_infer_method()("x"),
        }

    @tour.step
    def monitors():
        class Length(weave.Scorer):
            @weave.op
            def score(self, output: str) -> int:
                return len(output)

        monitor = weave.Monitor(
            name="watcher",
            sampling_rate=0.5,
            scorers=[Length()],
            op_names=[f"weave:///{PROJECT}/op/add:*"],
            query={"$expr": {"$gt": [{"$getField": "started_at"}, {"$literal": 1742540400}]}},
        )
        on = monitor.activate()
        read = weave.ref(on.uri).get()
        active = read.active
        off = monitor.deactivate()
        return {
            "on": [active, read.sampling_rate, type(read.scorers[0]).__name__],
            "off": weave.ref(off.uri).get().active,
            "query": read.query.to_dict()
            if hasattr(read.query, "to_dict")
            else str(read.query)[:20],
        }

    @tour.step
    def ends():
        refs = [weave.publish({"v": n}, name="doomed") for n in range(4)]
        client.delete_object_version(refs[0])
        count = client.delete_object_versions("doomed", [refs[1].digest])
        everything = client.delete_all_object_versions("doomed")
        op_ref = weave.publish(uses_code)
        client.delete_op_version(op_ref)
        left = client.delete_all_op_versions("Shouting.predict")
        told = []
        for ref in (refs[0], op_ref):
            try:
                told.append(str(weave.ref(ref.uri).get()))
            except Exception as error:  # noqa: BLE001 - whatever the client makes of it
                told.append(f"{type(error).__name__}")
        return {"one": count, "rest": everything, "ops": left, "told": told}

    @tour.step
    def missing():
        told = []
        for uri in (
            "none-such",
            f"weave:///{PROJECT}/object/none:latest",
            f"weave:///{PROJECT}/object/zoo:{'0' * 43}",
        ):
            try:
                told.append(str(weave.ref(uri).get()))
            except Exception as error:  # noqa: BLE001 - whatever the client makes of it
                told.append(type(error).__name__)
        return told


tour.tell()
