/** Between a chat and a saved model: the words are those of the Weave client's `LLMStructuredCompletionModel`. */

import { newChat } from "../state/make";
import { parseMessages, parseSettings } from "../state/parse";
import { toWireMessage } from "../state/request";
import { DEFAULTS } from "../state/settings";
import type { Chat, Json, JsonObject, Message, SavedRef } from "../state/types";
import type { SavedModel, SavedParams, SavedWanted } from "./queries";

/** The chat's model, settings and prompt, as they are saved. What equals a default is left out. */
export function savedOf(name: string, chat: Chat): SavedWanted {
  const { settings, prompt } = chat;
  const format = settings.responseFormat;
  const params: SavedParams = {
    messages_template: prompt.map((message) => ({ ...toWireMessage(message) }) as never),
    ...(settings.temperature === DEFAULTS.temperature ? {} : { temperature: settings.temperature }),
    ...(settings.topP === DEFAULTS.topP ? {} : { top_p: settings.topP }),
    ...(settings.maxTokens === null ? {} : { max_tokens: settings.maxTokens }),
    ...(settings.presencePenalty === 0 ? {} : { presence_penalty: settings.presencePenalty }),
    ...(settings.frequencyPenalty === 0 ? {} : { frequency_penalty: settings.frequencyPenalty }),
    ...(settings.stop.length === 0 ? {} : { stop: [...settings.stop] }),
    ...(settings.trials === 1 ? {} : { n_times: settings.trials }),
    ...(settings.functions.length === 0
      ? {}
      : { functions: settings.functions.map((one) => ({ ...one }) as never) }),
    ...(format.type === "text" ? {} : { response_format: format.type }),
    ...(format.type === "json_schema"
      ? {
          response_format_schema: {
            name: format.name,
            schema: format.schema,
            strict: format.strict,
          } as never,
        }
      : {}),
  };
  return { name: name.trim(), llm_model_id: chat.model, default_params: params };
}

/** A new chat with the model, the settings and the prompt of a saved model. Nothing of it is trusted. */
export function chatOf(saved: SavedModel): Chat {
  const params = saved.default_params;
  const schema = (params.response_format_schema ?? {}) as JsonObject;
  const settings = parseSettings({
    temperature: params.temperature ?? DEFAULTS.temperature,
    topP: params.top_p ?? DEFAULTS.topP,
    maxTokens: params.max_tokens ?? null,
    presencePenalty: params.presence_penalty ?? 0,
    frequencyPenalty: params.frequency_penalty ?? 0,
    stop: params.stop ?? [],
    trials: params.n_times ?? 1,
    functions: params.functions ?? [],
    responseFormat: { type: params.response_format ?? "text", ...schema },
  });
  const prompt = promptOf((params.messages_template ?? []) as unknown as Json[]);
  return newChat(saved.llm_model_id, { settings, prompt, saved: refOf(saved) });
}

export function refOf({ object_id, digest, version_index }: SavedModel): SavedRef {
  return { objectId: object_id, digest, versionIndex: version_index };
}

function promptOf(template: readonly Json[]): Message[] {
  return parseMessages(template.map(plain)).filter((message) => message.role !== "tool");
}

/** A message of OpenAI's in the form of ours: its text and its images apart. */
function plain(value: Json): JsonObject {
  const message = (typeof value === "object" && value !== null ? value : {}) as JsonObject;
  const { role, content } = message;
  const parts = Array.isArray(content) ? (content as readonly JsonObject[]) : [];
  const texts = parts.flatMap((part) => (typeof part.text === "string" ? part.text : []));
  const images = parts.flatMap((part) => {
    const { url } = (part.image_url ?? {}) as JsonObject;
    return typeof url === "string" ? url : [];
  });
  return {
    role: role === "developer" ? "system" : (role ?? ""),
    content: typeof content === "string" ? content : texts.join("\n"),
    images,
  };
}
