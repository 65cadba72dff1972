"""Libraries that weave patches: openai, litellm, langchain; and weave's own chat through the trace server."""

import asyncio
import sys

import litellm
import openai
import weave
from langchain_core.prompts import ChatPromptTemplate
from langchain_openai import ChatOpenAI
from watch import Tour

PROJECT, MODEL, BASE_URL, KEY = sys.argv[1:5]
client = weave.init(PROJECT)
tour = Tour()
HELLO = [{"role": "user", "content": "Say hello."}]


def newest(name):
    client.flush()
    calls = client.get_calls(sort_by=[{"field": "started_at", "direction": "desc"}], limit=20)
    return next(call for call in calls if call.func_name == name)


def shown(call):
    usage = {model: dict(told) for model, told in dict(call.summary.get("usage") or {}).items()}
    return {
        "status": call.summary["weave"]["status"],
        "usage": usage,
        "kind": call.attributes.get("weave", {}).get("kind"),
        "model": call.inputs.get("model"),
    }


with tour:

    @tour.step
    def openai_whole():
        answer = openai.OpenAI().chat.completions.create(model=MODEL, messages=HELLO)
        call = newest("openai.chat.completions.create")
        same = call.output["choices"][0]["message"]["content"] == answer.choices[0].message.content
        return {**shown(call), "same": same}

    @tour.step
    def openai_streamed():
        stream = openai.OpenAI().chat.completions.create(
            model=MODEL, messages=HELLO, stream=True, stream_options={"include_usage": True}
        )
        text = "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
        call = newest("openai.chat.completions.create")
        return {**shown(call), "same": call.output["choices"][0]["message"]["content"] == text}

    @tour.step
    def openai_async():
        async def ask():
            return await openai.AsyncOpenAI().chat.completions.create(model=MODEL, messages=HELLO)

        answer = asyncio.run(ask())
        call = newest("openai.chat.completions.create")
        return {**shown(call), "same": call.output["id"] == answer.id}

    @tour.step
    def openai_refused():
        try:
            openai.OpenAI(max_retries=0).chat.completions.create(
                model="no/such-model", messages=HELLO
            )
        except openai.NotFoundError:
            call = newest("openai.chat.completions.create")
            return {**shown(call), "exception": call.exception[:200]}

    @tour.step
    def litellm_whole():
        litellm.completion(model=f"openai/{MODEL}", messages=HELLO, api_base=BASE_URL, api_key=KEY)
        return shown(newest("litellm.completion"))

    @tour.step
    def langchain_chain():
        chain = ChatPromptTemplate.from_template("Say {word}.") | ChatOpenAI(model=MODEL)
        answer = chain.invoke({"word": "hello"})
        client.flush()
        calls = list(
            client.get_calls(sort_by=[{"field": "started_at", "direction": "desc"}], limit=10)
        )
        names = [call.func_name for call in calls if "angchain" in call.func_name]
        return {"text": bool(answer.content), "names": sorted(names)}

    @tour.step
    def weave_chat():
        answer = client.chat.completions.create(model=MODEL, messages=HELLO)
        streamed = client.chat.completions.create(model=MODEL, messages=HELLO, stream=True)
        text = "".join(chunk.choices[0].delta.content or "" for chunk in streamed if chunk.choices)
        return {"text": bool(answer.choices[0].message.content), "streamed": bool(text)}

    @tour.step
    def inference_models():
        return type(client.inference_models).__name__


tour.tell()
