// One question to a model that is full: how often the client asks, and what it gets in the end.
//
// node openai_retry.mjs BASE_URL KEY MODEL

import OpenAI from "openai";

const [baseURL, apiKey, model] = process.argv.slice(2);
const statuses = [];
const counting = async (...request) => {
  const response = await fetch(...request);
  statuses.push(response.status);
  return response;
};
const client = new OpenAI({ baseURL, apiKey, fetch: counting });
const answer = await client.chat.completions.create({ model, messages: [{ role: "user", content: "hello" }] });
process.stdout.write(JSON.stringify({ statuses, text: answer.choices[0].message.content }));
