/** Whether what went into a call and came out is a conversation, and which: OpenAI's, Anthropic's and Google's words. Pure. */

export type Part = { kind: "text"; text: string } | { kind: "value"; value: unknown };

export interface ToolUse {
  id: string;
  name: string;
  arguments: unknown;
}

export interface ChatMessage {
  role: string;
  /** Of a tool or a speaker. */
  name: string;
  parts: Part[];
  reasoning: string;
  tools: ToolUse[];
  /** Which use of a tool this answers. */
  answers: string;
}

export interface Conversation {
  model: string;
  /** Names of the tools that were offered. */
  offered: string[];
  asked: ChatMessage[];
  /** More than one where several were asked for. */
  answered: ChatMessage[];
}

type Given = Record<string, unknown>;

/** The conversation in a call; null where there is none. */
export function conversationOf(inputs: unknown, output: unknown): Conversation | null {
  const given = isObject(inputs) ? inputs : {};
  const asked = askedOf(given);
  const answered = answeredOf(output);
  if (asked.length === 0) return null;
  const offered = list(given.tools).flatMap((tool) => {
    const name = isObject(tool.function) ? tool.function.name : tool.name;
    return typeof name === "string" ? [name] : [];
  });
  const model = typeof given.model === "string" ? given.model : modelOf(output);
  return { model, offered, asked, answered };
}

function askedOf(given: Given): ChatMessage[] {
  const system = given.system ?? given.instructions ?? given.system_instruction;
  const head = isEmpty(system) ? [] : [messageOf({ role: "system", content: system })];
  if (isChat(given.messages)) return [...head, ...given.messages.map(messageOf)];
  if (isChat(given.contents)) return [...head, ...given.contents.map(messageOf)];
  if (Array.isArray(given.input) && list(given.input).some((one) => "role" in one || "type" in one))
    return [...head, ...list(given.input).flatMap(itemOf)];
  // A plain text is a conversation only beside a model: anybody's function may have an `input`.
  if (typeof given.model !== "string") return [];
  for (const text of [given.input, given.prompt])
    if (typeof text === "string") return [...head, messageOf({ role: "user", content: text })];
  return [];
}

function answeredOf(output: unknown): ChatMessage[] {
  if (typeof output === "string" && output !== "") return [messageOf({ role: "assistant", content: output })];
  if (!isObject(output)) return [];
  const choices = list(output.choices);
  if (choices.length > 0)
    return choices.map((choice) => {
      if (isObject(choice.message)) return messageOf(choice.message);
      return messageOf({ role: "assistant", content: choice.text });
    });
  const candidates = list(output.candidates);
  if (candidates.length > 0)
    return candidates.map((one) => messageOf(isObject(one.content) ? one.content : {}));
  if (Array.isArray(output.output)) return joined(list(output.output).flatMap(itemOf));
  if ("content" in output && "role" in output) return [messageOf(output)];
  return [];
}

/** An item of the Responses API: a message, a use of a tool, its result, a thought. */
function itemOf(item: Given): ChatMessage[] {
  if (item.type === "function_call")
    return [{ ...bare("assistant"), tools: [toolOf(item.call_id ?? item.id, item.name, item.arguments)] }];
  if (item.type === "function_call_output")
    return [{ ...bare("tool"), parts: partsOf(item.output), answers: textIn(item.call_id) }];
  if (item.type === "reasoning")
    return [{ ...bare("assistant"), reasoning: textsOf([...each(item.summary), ...each(item.content)]) }];
  return "role" in item ? [messageOf(item)] : [];
}

/** What one answer said in several items, as one message. */
function joined(messages: ChatMessage[]): ChatMessage[] {
  if (messages.length === 0) return [];
  return [
    {
      ...bare("assistant"),
      parts: messages.flatMap((one) => one.parts),
      tools: messages.flatMap((one) => one.tools),
      reasoning: messages
        .map((one) => one.reasoning)
        .filter(Boolean)
        .join("\n\n"),
    },
  ];
}

function messageOf(given: Given): ChatMessage {
  const content = given.content ?? given.parts;
  const parts = isObject(content) && "parts" in content ? each(content.parts) : each(content);
  const blocks = parts.filter(isObject);
  const role = textIn(given.role) || "assistant";
  const results = blocks.filter((block) => block.type === "tool_result");
  return {
    role: role === "model" ? "assistant" : results.length > 0 && role === "user" ? "tool" : role,
    name: textIn(given.name),
    parts: parts.flatMap(partsOf),
    reasoning: [
      textIn(given.reasoning_content) || textIn(given.reasoning),
      textsOf(blocks.filter((block) => block.type === "thinking")),
    ]
      .filter(Boolean)
      .join("\n\n"),
    tools: [
      ...list(given.tool_calls).map((call) => {
        const used = isObject(call.function) ? call.function : call;
        return toolOf(call.id, used.name, used.arguments ?? used.args);
      }),
      ...blocks
        .filter((block) => block.type === "tool_use")
        .map((block) => toolOf(block.id, block.name, block.input)),
      ...blocks.flatMap((block) =>
        isObject(block.functionCall) ? [toolOf("", block.functionCall.name, block.functionCall.args)] : [],
      ),
    ],
    answers: textIn(given.tool_call_id) || textIn(results[0]?.tool_use_id),
  };
}

function partsOf(part: unknown): Part[] {
  if (part === null || part === undefined || part === "") return [];
  if (typeof part === "string") return [{ kind: "text", text: part }];
  if (Array.isArray(part)) return part.flatMap(partsOf);
  if (!isObject(part)) return [{ kind: "value", value: part }];
  if (part.type === "tool_use" || part.type === "thinking" || "functionCall" in part) return [];
  if (part.type === "tool_result") return partsOf(part.content);
  if (typeof part.text === "string") return [{ kind: "text", text: part.text }];
  if (typeof part.refusal === "string") return [{ kind: "text", text: part.refusal }];
  return [{ kind: "value", value: part }];
}

function toolOf(id: unknown, name: unknown, given: unknown): ToolUse {
  let args = given;
  try {
    if (typeof given === "string") args = JSON.parse(given);
  } catch {
    // A model need not write JSON: it is shown as it wrote it.
  }
  return { id: textIn(id), name: textIn(name) || "tool", arguments: args };
}

function bare(role: string): ChatMessage {
  return { role, name: "", parts: [], reasoning: "", tools: [], answers: "" };
}

function textsOf(blocks: unknown[]): string {
  return blocks
    .map((block) => (isObject(block) ? textIn(block.thinking) || textIn(block.text) : textIn(block)))
    .filter(Boolean)
    .join("\n\n");
}

function modelOf(output: unknown): string {
  return isObject(output) ? textIn(output.model) : "";
}

function isChat(value: unknown): value is Given[] {
  return Array.isArray(value) && value.length > 0 && value.every((one) => isObject(one) && "role" in one);
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === "";
}

function textIn(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function each(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return isEmpty(value) ? [] : [value];
}

function list(value: unknown): Given[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function isObject(value: unknown): value is Given {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What was asked as a request in OpenAI's words, whichever API's it was; settings stay as they are. */
export function requestOf(inputs: unknown, chat: Conversation): Given {
  const given = isObject(inputs) ? inputs : {};
  const isOurs = isChat(given.messages) && isEmpty(given.system);
  return isOurs ? given : { ...given, model: chat.model, messages: chat.asked.map(sent) };
}

function sent(message: ChatMessage): Given {
  const content = message.parts.flatMap((part) => {
    if (part.kind === "text") return [{ type: "text", text: part.text }];
    const source = isObject(part.value) ? part.value.source : null;
    if (!isObject(source) || source.type !== "base64") return isObject(part.value) ? [part.value] : [];
    const url = `data:${textIn(source.media_type)};base64,${textIn(source.data)}`;
    return [{ type: "image_url", image_url: { url } }];
  });
  return {
    role: message.role,
    content,
    ...(message.answers && { tool_call_id: message.answers }),
    ...(message.tools.length > 0 && {
      tool_calls: message.tools.map(({ id, name, arguments: args }) => ({
        id: id || name,
        type: "function",
        function: { name, arguments: typeof args === "string" ? args : JSON.stringify(args ?? {}) },
      })),
    }),
  };
}
