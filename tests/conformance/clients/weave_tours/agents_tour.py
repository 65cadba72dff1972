"""Agents: conversations, turns and their spans, sent as OTLP; and what is asked about them afterwards."""

import datetime as dt
import sys
import time

import weave
from watch import Tour

PROJECT = sys.argv[1]
client = weave.init(PROJECT)
tour = Tour()
START = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)


def told(work):
    """What the client makes of an answer, or of a refusal."""
    try:
        return work()
    except Exception as error:  # noqa: BLE001 - whatever it is
        return f"{type(error).__name__}: {error}"[:400]


with tour:

    @tour.step
    def live():
        with (
            weave.start_conversation(
                agent_name="helper", model="m1", conversation_id="conv-1"
            ) as talk,
            weave.start_turn(user_message="What is it?") as turn,
        ):
            current = [
                weave.get_current_conversation() is talk,
                weave.get_current_turn() is turn,
            ]
            with weave.start_llm(model="m1", provider_name="weft") as llm:
                current.append(weave.get_current_llm() is llm)
                llm.output("It is a loom.")
                llm.record(usage=weave.Usage(input_tokens=10, output_tokens=5))
            with weave.start_tool(name="look", arguments='{"at": "loom"}') as tool:
                tool.result = "wood"
            with weave.start_subagent(name="second", model="m2"):
                pass
        weave.start_conversation(agent_name="helper", conversation_id="conv-2")
        weave.start_turn(user_message="again")
        weave.start_llm(model="m1")
        weave.end_llm()
        weave.end_turn()
        weave.end_conversation()
        weave.start_session(agent_name="old", session_id="conv-3")
        current.append(weave.get_current_session() is not None)
        weave.end_session()
        return current

    @tour.step
    def logged():
        message = weave.Message(role="user", content="logged")
        weave.log_turn(conversation_id="conv-4", agent_name="logger", messages=[message])
        turns = []
        weave.log_conversation(conversation_id="conv-5", agent_name="logger", turns=turns)
        weave.log_session(session_id="conv-6", agent_name="logger", turns=turns)
        client.flush()
        return True

    @tour.step
    def asked():
        client.finish()
        time.sleep(0.5)
        return {
            "agents": told(lambda: sorted({agent.agent_name for agent in client.get_agents()})),
            "versions": told(lambda: len(list(client.get_agent_versions(agent_name="helper")))),
            "spans": told(
                lambda: sorted(
                    {span.operation_name for span in client.get_agent_spans(agent_name="helper")}
                )
            ),
            "stats": told(lambda: len(client.get_agent_span_stats(start=START, metrics=[]).rows)),
            "attributes": told(lambda: client.get_agent_custom_attributes().attributes),
            "turns": told(lambda: client.get_agent_turns(conversation_id="conv-1").total_turns),
            "turn": told(lambda: client.get_agent_turn(trace_id="0" * 32).trace_id),
            "search": told(lambda: client.search_agents(query="loom").total_conversations),
        }

    @tour.step
    def feedback():
        about = {
            "conversation": client.get_agent_conversation_feedback("conv-1"),
            "turn": client.get_agent_turn_feedback("0" * 32),
            "span": client.get_agent_span_feedback("0" * 16),
        }
        return {
            name: [
                told(lambda q=query: bool(q.add_reaction("👍"))),
                told(lambda q=query: len(q.refresh())),
            ]
            for name, query in about.items()
        }

    @tour.step
    def not_supported():
        prompt = weave.StringPrompt("hi {x}")
        weave.publish(prompt, name="linked")
        return {
            "runtime": told(
                lambda: client.register_custom_runtime(
                    name="mine", base_url="http://127.0.0.1:1", runtime_ids=["m"]
                )
            ),
            "registry": told(
                lambda: client.link_prompt_to_registry(prompt, target_path="registry/prompts")
            ),
            "weave_registry": told(
                lambda: weave.link_prompt_to_registry(prompt, target_path="registry/prompts")
            ),
        }


tour.tell()
