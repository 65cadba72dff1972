/** Where a model is, in one word and one sentence. Pure. */

import type { CatalogModel } from "~/api/catalog";
import type { Schema } from "~/api/client";
import { duration } from "~/lib/format";

export type Stage = Schema<"ModelStageInfo">;
export type StageOf = (id: string) => Stage | undefined;
export type StatusKey =
  | "ready"
  | "starting"
  | "waiting"
  | "asleep"
  | "failed"
  | "stand-in"
  | "not-runnable"
  | "retired";

export interface Status {
  key: StatusKey;
  /** In a word or two. */
  label: string;
  /** What that means for whoever wants to use it. */
  detail: string;
  tone: "plain" | "accent" | "good" | "warn" | "bad";
}

/** What the catalog says of a model, made exact by the stage of its engines where that is known. */
export function statusOf(model: CatalogModel, stage: Stage | undefined): Status {
  if (model.lifecycleStage === "retired") return retired(model);
  if (model.standIn) return STAND_IN;
  if (!stage) return model.state === "ready" ? READY : model.state === "asleep" ? asleep(null) : NOT_RUNNABLE;
  switch (stage.stage) {
    case "ready":
      return READY;
    case "loading":
      return starting(stage.eta_s);
    case "waiting":
      return WAITING;
    case "asleep":
    case "stopping":
      return asleep(stage.eta_s);
    case "no-room":
      return { ...FAILED, label: "No room", detail: "It does not fit into the memory of this server." };
    case "failed":
      return FAILED;
  }
}

const READY: Status = { key: "ready", label: "Ready", detail: "Answers at once.", tone: "good" };
const STAND_IN: Status = {
  key: "stand-in",
  label: "Stand-in",
  detail: "This server cannot run it: a tiny model that ships with Weft answers in its place.",
  tone: "warn",
};
const NOT_RUNNABLE: Status = {
  key: "not-runnable",
  label: "Not runnable here",
  detail: "This server has nothing to run it with.",
  tone: "plain",
};
const WAITING: Status = {
  key: "waiting",
  label: "Waiting for memory",
  detail: "It starts when another model makes room.",
  tone: "warn",
};
const FAILED: Status = {
  key: "failed",
  label: "Failed",
  detail: "Its engine does not start; the log under Settings, Engines says why.",
  tone: "bad",
};

function starting(eta: number | null): Status {
  const left = eta === null ? "" : `, about ${roughly(eta)}`;
  return {
    key: "starting",
    label: `Starting${left}`,
    detail: "Requests that come now wait until it is ready.",
    tone: "accent",
  };
}

function asleep(eta: number | null): Status {
  const wait = eta === null ? "" : `, in about ${roughly(eta)}`;
  return { key: "asleep", label: "Asleep", detail: `The first request wakes it${wait}.`, tone: "plain" };
}

function retired(model: CatalogModel): Status {
  const instead = model.replacement ? ` Use ${model.replacement} instead.` : "";
  return {
    key: "retired",
    label: "Retired",
    detail: `Withdrawn${model.retirementDate ? ` on ${model.retirementDate}` : ""}: requests for it are refused.${instead}`,
    tone: "bad",
  };
}

/** Whole seconds: an estimate with decimals would claim too much. */
function roughly(seconds: number): string {
  return duration(Math.max(1, Math.round(seconds)));
}

/** Whether something is about to change, so that the page looks again soon. */
export function isMoving(stages: readonly Stage[] | undefined): boolean {
  return (stages ?? []).some((one) => ["loading", "stopping", "waiting"].includes(one.stage));
}
