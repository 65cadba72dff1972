import { ApiError, type ErrorBody } from "~/api/errors";

/**
 * The trace server's own routes, asked as whoever is signed in. Their shapes are the Weave client's (its API of 0.54),
 * so no types are made of them: this folder says what the console uses of each.
 */
export async function ask(
  path: string,
  body: unknown,
  signal?: AbortSignal,
  method: "POST" | "PUT" | "GET" | "DELETE" = "POST",
): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: { "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
  } catch (cause) {
    throw ApiError.unreachable(cause);
  }
  if (response.ok) return response;
  throw ApiError.of(response, refusalOf(await response.text()));
}

/** What a route answers with one JSON value. */
export async function askJson<Answer>(
  path: string,
  body: unknown,
  signal?: AbortSignal,
  method?: "POST" | "PUT" | "GET" | "DELETE",
): Promise<Answer> {
  return (await (await ask(path, body, signal, method)).json()) as Answer;
}

/** What a route answers with a line of JSON for each thing, all of it. */
export async function askLines<Line>(path: string, body: unknown, signal?: AbortSignal): Promise<Line[]> {
  const text = await (await ask(path, body, signal)).text();
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
}

function refusalOf(text: string): ErrorBody | undefined {
  try {
    const told = JSON.parse(text);
    if (told.error) return told;
    // The Weave client reads `message` and `reason`; others our envelope.
    const metadata = typeof told.remedy === "string" ? { remedy: told.remedy } : {};
    return { error: { message: told.message ?? told.reason, code: told.error_code, metadata } };
  } catch {
    return undefined;
  }
}
