// A walk through the OpenAI client for JavaScript, with only base URL and key given; prints what it saw as JSON.
//
// node openai_tour.mjs BASE_URL KEY MODEL

import OpenAI from "openai";

const [baseURL, apiKey, model] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey });
const question = [{ role: "user", content: "What is 2 + 2?" }];
const weather = [{ role: "user", content: "What is the weather in Paris?" }];
const getWeather = {
  name: "get_weather",
  description: "Get the weather in a city.",
  parameters: {
    type: "object",
    properties: { location: { type: "string" } },
    required: ["location"],
    additionalProperties: false,
  },
};
const tools = [{ type: "function", function: getWeather }];
const capital = {
  type: "json_schema",
  json_schema: {
    name: "capital",
    strict: true,
    schema: {
      type: "object",
      properties: { answer: { type: "string" } },
      required: ["answer"],
      additionalProperties: false,
    },
  },
};
const plain = { model, temperature: 0, max_tokens: 60 };
const chat = client.chat.completions;

const steps = {
  async models() {
    const listed = [];
    for await (const row of client.models.list()) listed.push(row.id);
    return { listed, one: await client.models.retrieve(model) };
  },

  async whole() {
    const { data, response, request_id } = await chat.create({ ...plain, messages: question }).withResponse();
    return { completion: data, request_id, header: response.headers.get("x-request-id") };
  },

  async stream() {
    const stream = await chat.create({ ...plain, messages: question, stream: true });
    let text = "";
    const finish = [];
    for await (const chunk of stream) {
      text += chunk.choices[0].delta.content ?? "";
      if (chunk.choices[0].finish_reason) finish.push(chunk.choices[0].finish_reason);
    }
    return { text, finish };
  },

  async stream_with_usage() {
    const stream = await chat.create({
      ...plain,
      messages: question,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    return { last_choices: chunks.at(-1).choices, usage: chunks.at(-1).usage };
  },

  async stream_events() {
    const stream = chat.stream({ ...plain, messages: weather, tools, tool_choice: "required" });
    const [call] = (await stream.finalChatCompletion()).choices[0].message.tool_calls;
    return { name: call.function.name, arguments: call.function.arguments };
  },

  async tools() {
    const { choices } = await chat.create({ ...plain, messages: weather, tools, tool_choice: "required" });
    const [call] = choices[0].message.tool_calls;
    const messages = [
      ...weather,
      choices[0].message,
      { role: "tool", tool_call_id: call.id, content: "sunny, 21 C" },
    ];
    const answer = await chat.create({ ...plain, messages, tools, tool_choice: "none" });
    return {
      finish: choices[0].finish_reason,
      name: call.function.name,
      arguments: call.function.arguments,
      answer: answer.choices[0].message.content,
    };
  },

  async functions() {
    const { choices } = await chat.create({
      ...plain,
      messages: weather,
      functions: [getWeather],
      function_call: { name: "get_weather" },
    });
    const call = choices[0].message.function_call;
    return { finish: choices[0].finish_reason, name: call.name, arguments: call.arguments };
  },

  async parse() {
    const messages = [{ role: "user", content: "What is the capital of France?" }];
    const { choices } = await chat.parse({ ...plain, messages, response_format: capital });
    return { answer: choices[0].message.parsed.answer };
  },

  async choices() {
    const { choices, usage } = await chat.create({ ...plain, messages: question, n: 3 });
    return { indices: choices.map((c) => c.index), texts: choices.map((c) => c.message.content), usage };
  },

  async errors() {
    const stranger = client.withOptions({ apiKey: "no-key-of-this-server" });
    const attempts = {
      key: () => stranger.models.list(),
      model: () => chat.create({ model: "nobody/nothing", messages: question }),
      value: () => chat.create({ model, messages: question, temperature: 3 }),
      path: () => client.images.generate({ model, prompt: "x" }),
    };
    const seen = {};
    for (const [name, attempt] of Object.entries(attempts)) {
      try {
        await attempt();
      } catch (error) {
        if (!(error instanceof OpenAI.APIError)) throw error;
        seen[name] = [error.constructor.name, error.status, error.code, Boolean(error.requestID)];
      }
    }
    return seen;
  },

  async unretried() {
    let requests = 0;
    const counting = (...request) => {
      requests += 1;
      return fetch(...request);
    };
    const personal = new OpenAI({ baseURL, apiKey, project: "admin/inference", fetch: counting });
    try {
      await personal.chat.completions.create({ model, messages: question });
    } catch (error) {
      if (!(error instanceof OpenAI.APIError)) throw error;
      return { requests, error: error.constructor.name, status: error.status, code: error.code };
    }
    return { requests };
  },

  async broken() {
    const messages = [{ role: "user", content: "[[fake: error_after=2]] one two three" }];
    const stream = await chat.create({ model: "test/echo", messages, stream: true });
    let text = "";
    try {
      for await (const chunk of stream) text += chunk.choices[0].delta.content ?? "";
    } catch (error) {
      if (!(error instanceof OpenAI.APIError)) throw error;
      return { text, error: error.constructor.name, code: error.code, message: error.message };
    }
    return { text };
  },

  async hang_up() {
    const stream = await chat.create({ ...plain, messages: question, stream: true });
    for await (const _chunk of stream) break;
    return { aborted: stream.controller.signal.aborted };
  },
};

const seen = {};
for (const [name, step] of Object.entries(steps)) seen[name] = await step();
process.stdout.write(JSON.stringify(seen));
