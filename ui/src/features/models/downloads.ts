/** Downloads of models in words. Pure. */

import type { Schema } from "~/api/client";
import { bytes, duration } from "~/lib/format";

export type Download = Schema<"DownloadInfo">;

const STAGES: Record<Download["stage"], string> = {
  waiting: "Waiting for its turn",
  looking: "Looking at the repository",
  checking: "Checking what is here",
  downloading: "Downloading",
  cancelling: "Stopping",
  cancelled: "Cancelled",
  failed: "Failed",
  done: "Done",
};

export function stageName(stage: Download["stage"]): string {
  return STAGES[stage];
}

export function isOver(one: Download): boolean {
  return one.stage === "cancelled" || one.stage === "failed" || one.stage === "done";
}

export function canResume(one: Download): boolean {
  return one.stage === "cancelled" || one.stage === "failed";
}

/** 0 to 100. */
export function share(one: Download): number {
  if (one.stage === "done") return 100;
  return one.total_bytes > 0 ? Math.min(100, (one.done_bytes / one.total_bytes) * 100) : 0;
}

/** `1.2 GiB of 4.5 GiB · 38 MiB/s · 1 min 30 s left`. */
export function progressText(one: Download): string {
  if (one.total_bytes === 0) return stageName(one.stage);
  const parts = [`${bytes(one.done_bytes)} of ${bytes(one.total_bytes)}`];
  if (one.bytes_per_s > 0) parts.push(`${bytes(Math.round(one.bytes_per_s))}/s`);
  if (one.eta_s !== null) parts.push(`${duration(Math.max(1, Math.round(one.eta_s)))} left`);
  return parts.join(" · ");
}
