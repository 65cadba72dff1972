/** What went wrong, as the server says it, and in our own words where it could not be reached. */

import type { Failure } from "./types";
import type { WireError } from "./wire";

/** The failure that a response with an error status tells. */
export function failureOf(status: number, body: string, headers: Headers): Failure {
  const error = errorIn(body);
  const waitS = Number(headers.get("retry-after") ?? Number.NaN);
  const failure = fromError(error ?? {}, status);
  return {
    ...failure,
    message: error?.message ?? (body.slice(0, 500).trim() || `The server answered with ${status}.`),
    retryAfterS: failure.retryAfterS ?? (Number.isFinite(waitS) ? waitS : null),
  };
}

/** The failure in an event of a stream whose status was 200. */
export function fromError(error: WireError, status: number): Failure {
  return {
    status,
    code: error.code ?? "",
    message: error.message ?? "The server told an error without words.",
    remedy: error.metadata?.remedy ?? "",
    param: error.param ?? null,
    retryAfterS: error.metadata?.retry_after_s ?? null,
  };
}

/** The server was not reached, or went away in the middle. */
export function unreachable(hasBegun: boolean): Failure {
  return {
    status: 0,
    code: "connection_lost",
    message: hasBegun ? "The connection ended before the answer did." : "The server could not be reached.",
    remedy: "Look whether the server runs and the network is there, then retry.",
    param: null,
    retryAfterS: null,
  };
}

function errorIn(body: string): WireError | null {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== "object" || parsed === null || !("error" in parsed)) return null;
    const { error } = parsed;
    return typeof error === "object" && error !== null ? (error as WireError) : null;
  } catch {
    return null;
  }
}

/** Whether there is a page that says which limit stood in the way. */
export function wasRefused(failure: Failure): boolean {
  return [402, 403, 429].includes(failure.status);
}

/** What a comment of a stream says about the wait, for people; null where it says nothing of the kind. */
export function noteOf(comment: string): string | null {
  const loading = /is being loaded, eta_s=(\d+)/.exec(comment);
  if (loading?.[1] !== undefined) {
    const seconds = Number(loading[1]);
    return `The model is being loaded: about ${spell(seconds)} to go.`;
  }
  return /answers others first/.test(comment) ? "In the queue: the model answers others first." : null;
}

function spell(seconds: number): string {
  if (seconds < 90) return seconds === 1 ? "a second" : `${seconds} seconds`;
  return `${Math.round(seconds / 60)} minutes`;
}
