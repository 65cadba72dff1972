import type { Schema } from "~/api/client";

export type Key = Schema<"KeyInfo">;
export type KeyState = "active" | "expired" | "revoked";
export type Scope = Key["scopes"][number];

/** What keys are for, in the words of whoever makes one. */
export const SCOPES: { value: Scope; label: string; hint: string }[] = [
  { value: "inference", label: "Inference", hint: "Run models." },
  { value: "traces", label: "Traces", hint: "Write and read traces, evaluations and objects." },
  { value: "manage", label: "Manage", hint: "Read usage and make keys under /api: as you, everywhere." },
];

/** How long a key lasts, in days; 0: until it is revoked. */
export const LIFETIMES = [
  { value: "0", label: "Until revoked" },
  { value: "7", label: "7 days" },
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "1 year" },
];

export const TRACE_LEVELS = [
  { value: "", label: "As the project says" },
  { value: "off", label: "Off: nothing" },
  { value: "metadata", label: "Metadata: tokens, cost, times" },
  { value: "full", label: "Full: prompts and answers as well" },
];

/** Whether a key works at `now`. */
export function stateOf(key: Key, now: Date): KeyState {
  if (key.revoked_at) return "revoked";
  return key.expires_at && new Date(key.expires_at) <= now ? "expired" : "active";
}

/** What people recognise a key by: `weft_AbCd…wxyz`. */
export function shown(key: Key): string {
  return `${key.prefix}…${key.last_four}`;
}

/** Where a key works: `red/one`, `red`, or everywhere. */
export function placeOf(key: Key): string {
  if (key.team && key.project) return `${key.team}/${key.project}`;
  return key.team ?? "All your teams";
}

/** What a form for a new key holds. */
export interface Draft {
  name: string;
  scopes: Scope[];
  /** Empty: not restricted. */
  team: string;
  project: string;
  models: string[];
  days: string;
  trace: string;
}

export const EMPTY: Draft = {
  name: "",
  scopes: ["inference", "traces"],
  team: "",
  project: "",
  models: [],
  days: "0",
  trace: "",
};

/** Why a draft cannot be made into a key; null: it can. */
export function lacks(draft: Draft): string | null {
  if (draft.scopes.length === 0) return "Choose at least one thing that the key is for.";
  if (draft.scopes.includes("manage") && (draft.team || draft.models.length > 0))
    return "A key that manages cannot be restricted to a team or to models: it could make an unrestricted sister.";
  return null;
}

/** The request that makes a draft's key. */
export function request(draft: Draft, now: Date): Schema<"KeyRequest"> {
  const days = Number(draft.days);
  return {
    name: draft.name.trim(),
    scopes: draft.scopes,
    team: draft.team || null,
    project: draft.team && draft.project ? draft.project : null,
    models: draft.models.length > 0 ? draft.models : null,
    expires_at: days > 0 ? new Date(now.getTime() + days * 86_400_000).toISOString() : null,
    trace: (draft.trace || null) as Schema<"KeyRequest">["trace"],
  };
}

/** `scopes` with one switched on or off, in the order in which they are shown. */
export function withScope(scopes: Scope[], scope: Scope, on: boolean): Scope[] {
  return SCOPES.map((one) => one.value).filter((one) => (one === scope ? on : scopes.includes(one)));
}
