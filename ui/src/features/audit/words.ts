import type { Schema } from "~/api/client";
import { stamp } from "~/lib/format";
import { nusd, usd } from "~/lib/money";

export type AuditEntry = Schema<"AuditEntry">;

/** What is filtered by: all that stands in the URL. */
export interface AuditFilter {
  by?: string;
  action?: string;
  /** Days, `2026-11-28`, both included. */
  since?: string;
  until?: string;
}

/** What an action is about, for the filter; the first part of `member.set`. */
export const ABOUT: { value: string; label: string }[] = [
  { value: "", label: "Everything" },
  { value: "member", label: "Members" },
  { value: "invitation", label: "Invitations" },
  { value: "user", label: "Users" },
  { value: "key", label: "API keys" },
  { value: "team", label: "Teams" },
  { value: "project", label: "Projects" },
  { value: "limit", label: "Limits" },
  { value: "plan", label: "Plans" },
  { value: "alert", label: "Alerts" },
  { value: "credit", label: "Credit" },
  { value: "purchase", label: "Purchases" },
  { value: "invoice", label: "Invoices" },
  { value: "price", label: "Prices" },
  { value: "engine", label: "Engines" },
  { value: "download", label: "Downloads" },
  { value: "model", label: "Models" },
  { value: "monitor", label: "Monitors" },
  { value: "data", label: "Backups" },
];

const SAID: Record<string, string> = {
  "alert.set": "Set the alerts of",
  "alert.test": "Sent a test to the alert webhook of",
  "credit.adjust": "Corrected what is owed by",
  "credit.grant": "Gave credit to",
  "credit.pay": "Recorded a payment of",
  "credit.refund": "Gave back the charge of",
  "data.restore": "Restored the backup",
  "download.cancel": "Stopped the download of",
  "download.forget": "Took off the list the download",
  "download.resume": "Went on with the download of",
  "download.start": "Began to download",
  "engine.load": "Loaded",
  "engine.pin": "Pinned",
  "engine.probe": "Probed",
  "engine.unload": "Unloaded",
  "engine.unpin": "Unpinned",
  "invitation.create": "Invited",
  "invitation.use": "Came in by the invitation for",
  "invitation.withdraw": "Withdrew the invitation for",
  "invoice.buyer": "Set the address on invoices of",
  "invoice.issue": "Issued the invoice",
  "key.create": "Made the key",
  "key.revoke": "Revoked the key",
  "limit.end": "Took a limit off",
  "limit.set": "Set a limit on",
  "member.remove": "Took out of the team",
  "member.set": "Set the role of",
  "model.add": "Added the model",
  "model.pull": "Pulled the weights of",
  "model.remove": "Removed the weights of",
  "monitor.activate": "Switched on a monitor of",
  "monitor.delete": "Removed a monitor of",
  "monitor.pause": "Switched off a monitor of",
  "monitor.save": "Saved a monitor of",
  "plan.change": "Changed the plan",
  "price.add": "Added a price of",
  "price.record": "Recorded prices of",
  "price.withdraw": "Withdrew the price",
  "project.create": "Made the project",
  "project.remove": "Removed the project",
  "project.retention": "Set how long calls are kept in",
  "project.search": "Switched the text index of",
  "project.trace": "Set what requests leave in",
  "purchase.checkout": "Began to buy credit for",
  "purchase.record": "Recorded a purchase of",
  "purchase.refund": "Recorded a refund to",
  "team.create": "Made the team",
  "team.plan": "Gave a plan to",
  "team.remove": "Removed the team",
  "user.admin": "Set whether an admin of the server is",
  "user.create": "Made the user",
  "user.disable": "Shut out",
  "user.email": "Changed the address of",
  "user.enable": "Let in again",
  "user.login_link": "Made a login link for",
  "user.password": "Set the password of",
  "user.reset_link": "Made a password link for",
};

/** What was done, before the name of what it was done to; the action itself where it is a new one. */
export const verbOf = (action: string): string => SAID[action] ?? action;

/** What was changed, as words and values; nothing for what is empty. */
export function details(detail: AuditEntry["detail"]): { name: string; value: string }[] {
  return Object.entries(detail)
    .map(([key, value]) => ({ name: nameOf(key), value: inWords(key, value) }))
    .filter((one) => one.value !== "");
}

function nameOf(key: string): string {
  return key
    .replace(/_nusd$/, "")
    .replace(/_at$/, "")
    .replaceAll("_", " ");
}

function inWords(key: string, value: AuditEntry["detail"][string]): string {
  if (value === null || value === undefined || value === "") return "";
  if (Array.isArray(value)) return value.join(", ");
  if (typeof value === "boolean") return value ? "yes" : "no";
  const text = String(value);
  if (key.endsWith("_nusd") && /^-?\d+$/.test(text)) return usd(nusd(text));
  if (key.endsWith("_at") && !Number.isNaN(Date.parse(text))) return stamp(new Date(text));
  return text;
}

const DAY = /^\d{4}-\d\d-\d\d$/;

/** The day after, so that a span of days includes its last one. Null for what is no day. */
export function afterDay(day: string): string | null {
  const start = startOf(day);
  if (start === null) return null;
  return new Date(Date.parse(start) + 86_400_000).toISOString();
}

/** The beginning of a day in UTC; null for what is no day. */
export function startOf(day: string): string | null {
  if (!DAY.test(day) || Number.isNaN(Date.parse(day))) return null;
  return new Date(Date.parse(day)).toISOString();
}

/** The filter that a URL holds; whatever makes no sense is left out. */
export function filterOf(search: Record<string, unknown>): AuditFilter {
  const text = (name: string) => {
    const value = search[name];
    return typeof value === "string" || typeof value === "number" ? String(value).slice(0, 128) : "";
  };
  const filter: AuditFilter = {};
  if (text("by")) filter.by = text("by");
  if (/^[a-z_]{1,40}(\.[a-z_]{1,40})?$/.test(text("action"))) filter.action = text("action");
  if (startOf(text("since"))) filter.since = text("since");
  if (startOf(text("until"))) filter.until = text("until");
  return filter;
}
