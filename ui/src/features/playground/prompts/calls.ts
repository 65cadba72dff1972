/** Lists and publishes prompts in the project's traces, by the paths of the `weave` client. */

import { queryOptions } from "@tanstack/react-query";
import { ApiError, type ErrorBody } from "~/api/errors";
import type { Place } from "~/lib/place";
import type { JsonObject, Message } from "../state/types";
import { parsePrompts, promptValue } from "./prompts";

/** The menu shows so many; who has more finds them by the client. */
const MOST = 100;

export function promptsQuery({ team, project }: Place) {
  return queryOptions({
    queryKey: ["prompts", team, project],
    queryFn: async ({ signal }) =>
      parsePrompts(
        await post(
          "/traces/objs/query",
          {
            project_id: `${team}/${project}`,
            filter: { base_object_classes: ["Prompt"], latest_only: true },
            sort_by: [{ field: "created_at", direction: "desc" }],
            limit: MOST,
          },
          signal,
        ),
      ),
  });
}

/** A new version of the prompt called `name`, or its first one. */
export async function savePrompt(place: Place, name: string, prompt: readonly Message[]): Promise<void> {
  const obj = {
    project_id: `${place.team}/${place.project}`,
    object_id: name,
    val: promptValue(name, prompt),
  };
  await post("/traces/obj/create", { obj });
}

async function post(path: string, body: JsonObject, signal?: AbortSignal): Promise<unknown> {
  const init = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal,
  };
  const response = await fetch(path, init).catch((cause: unknown) => {
    throw ApiError.unreachable(cause);
  });
  if (response.ok) return response.json();
  throw ApiError.of(response, (await response.json().catch(() => undefined)) as ErrorBody | undefined);
}
