import createClient from "openapi-fetch";
import { ApiError, type ErrorBody } from "./errors";
import type { components, paths } from "./schema.gen";

/** Shapes of the API by name: `Schema<"Me">`. */
export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];

/** Typed calls of our own API; the session is in a cookie. Use with `must`, which raises what the server refused. */
export const api = createClient<paths>({ baseUrl: "/", credentials: "same-origin" });

type Answer<Data> = { data?: Data; error?: unknown; response: Response };

/**
 * What the server answered, or its refusal as an `ApiError`.
 *
 * `const me = await must(api.GET("/api/me"))`
 */
export async function must<Data>(answer: Promise<Answer<Data>>): Promise<Data> {
  let given: Answer<Data>;
  try {
    given = await answer;
  } catch (cause) {
    throw ApiError.unreachable(cause);
  }
  if (given.response.ok) return given.data as Data;
  throw ApiError.of(given.response, given.error as ErrorBody | undefined);
}
