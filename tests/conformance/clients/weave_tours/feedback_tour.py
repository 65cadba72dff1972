"""Feedback, costs and annotation queues."""

import datetime as dt
import sys

import weave
from watch import Tour
from weave.flow.annotation_spec import AnnotationSpec

PROJECT = sys.argv[1]
client = weave.init(PROJECT)
tour = Tour()


@weave.op
def chats(prompt: str) -> dict:
    call = weave.require_current_call()
    call.summary["usage"] = {
        "my-model": {
            "requests": 1,
            "prompt_tokens": 1000,
            "completion_tokens": 500,
            "total_tokens": 1500,
        }
    }
    return {"text": prompt}


with tour:

    @tour.step
    def feedback():
        _result, call = chats.call("hi")
        client.flush()
        mine = call.feedback
        reaction = mine.add_reaction("👍")
        note = mine.add_note("well done")
        custom = mine.add("my-kind", {"value": {"deep": [1, 2]}})
        client.flush()
        read = mine.refresh()
        types = sorted(item.feedback_type for item in read)
        mine.purge(note)
        client.flush()
        left = client.get_call(call.id).feedback
        everything = client.get_feedback()
        reactions = client.get_feedback(reaction="👍")
        by_query = client.get_feedback(
            {"$expr": {"$eq": [{"$getField": "feedback_type"}, {"$literal": "my-kind"}]}}
        )
        by_id = client.get_feedback(custom)
        included = client.get_call(call.id, include_feedback=True).summary["weave"]["feedback"]
        return {
            "types": types,
            "left": len(left),
            "emoji": [
                [f.payload[key] for key in ("emoji", "alias", "detoned")]
                for f in everything
                if f.id == reaction
            ],
            "everything": len(everything.execute()),
            "reactions": len(reactions),
            "by_query": [f.payload["value"]["deep"][1] for f in by_query],
            "by_id": len(by_id),
            "refs": len(everything.refs()),
            "included": sorted(item["feedback_type"] for item in included),
        }

    @tour.step
    def feedback_out_of_bounds():
        _result, call = chats.call("bad feedback")
        client.flush()
        for note in ("good", "better", "x" * 1025, "best"):
            call.feedback.add_note(note)
        client.flush()
        call.feedback.add_reaction("👍👎")
        client.flush()
        return sorted(f.payload.get("note") or "an emoji" for f in call.feedback.refresh())

    @tour.step
    def annotations():
        spec = AnnotationSpec(
            name="Quality", field_schema={"type": "integer", "minimum": 1, "maximum": 5}
        )
        ref = weave.publish(spec, "quality")
        _result, call = chats.call("annotated")
        client.flush()
        call.feedback.add("wandb.annotation.quality", {"value": 4}, annotation_ref=ref.uri)
        client.flush()
        return {
            "values": [f.payload["value"] for f in call.feedback.refresh()],
            "spec": weave.ref(ref.uri).get().name,
        }

    @tour.step
    def costs():
        long_ago = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
        made = client.add_cost(
            "my-model", 0.002, 0.004, effective_date=long_ago, cache_read_input_token_cost=0.001
        )
        _result, call = chats.call("costs")
        client.flush()
        found = client.query_costs(llm_ids=["my-model"])
        cost = client.get_call(call.id, include_costs=True).summary["weave"]["costs"]["my-model"]
        by_query = client.query_costs(
            {"$expr": {"$eq": [{"$getField": "llm_id"}, {"$literal": "my-model"}]}}
        )
        client.purge_costs([made.ids[0][0]])
        return {
            "made": made.ids[0][1],
            "found": [found[0].prompt_token_cost, found[0].completion_token_cost],
            "by_query": len(by_query),
            "call": [cost["prompt_tokens_total_cost"], cost["completion_tokens_total_cost"]],
            "purged": len(client.query_costs(llm_ids=["my-model"])),
        }

    @tour.step
    def queues():
        ref = weave.publish(AnnotationSpec(name="Tone", field_schema={"type": "string"}), "tone")
        calls = [chats.call(f"queued {n}")[1] for n in range(3)]
        client.flush()
        queue = client.create_annotation_queue(
            name="to look at", scorer_refs=[ref.uri], description="first"
        )
        added = client.add_calls_to_annotation_queue(
            queue, call_ids=[c.id for c in calls], display_fields=["inputs.prompt", "output.text"]
        )
        again = client.add_calls_to_annotation_queue(
            queue, call_ids=[calls[0].id], display_fields=["inputs.prompt"]
        )
        items = client.list_annotation_queue_items(queue, include_position=True)
        updated = client.update_annotation_queue(queue, name="looked at", description="second")
        stats = client.get_annotation_queue_stats([queue])
        listed = client.list_annotation_queues(name="looked")
        read = client.get_annotation_queue(queue)
        deleted = client.delete_annotation_queue(queue)
        return {
            "added": [added.added_count, again.duplicates],
            "items": sorted(item.position_in_queue for item in items),
            "states": sorted({item.annotation_state for item in items}),
            "updated": [updated.name, updated.description, read.name],
            "stats": [stats[0].total_items, stats[0].completed_items],
            "listed": len(listed),
            "deleted": deleted.id == queue,
            "gone": len([q for q in client.list_annotation_queues() if q.id == queue]),
        }


tour.tell()
