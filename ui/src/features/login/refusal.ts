import type { ApiError } from "~/api/errors";
import { sentence } from "~/lib/format";

/** What a form says about a refusal in one piece: what, what to do, and until when to wait. */
export function refusal(error: ApiError): string {
  const wait = error.metadata.retry_after_s;
  const until = typeof wait === "number" ? `Try again in ${minutes(wait)}.` : "";
  return [sentence(error.message), sentence(error.remedy), until].filter(Boolean).join(" ");
}

/** `1 minute`, `15 minutes`: rounded up, since nothing is gained by coming early. */
export function minutes(seconds: number): string {
  const whole = Math.max(1, Math.ceil(seconds / 60));
  return `${whole} ${whole === 1 ? "minute" : "minutes"}`;
}
