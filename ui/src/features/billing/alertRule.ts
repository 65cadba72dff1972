/** A team's alerts as they are typed, and as the server takes them. Pure. */

import type { Schema } from "~/api/client";

export type AlertRule = Schema<"AlertRuleInfo">;

export interface AlertDraft {
  percents: string;
  steps: string;
  tellsAdmins: boolean;
  emails: string;
  webhook: string;
}

export function draftOf(rule: AlertRule): AlertDraft {
  return {
    percents: rule.percents.join(", "),
    steps: rule.overage_steps_usd.join(", "),
    tellsAdmins: rule.tells_admins,
    emails: rule.emails.join("\n"),
    webhook: rule.webhook_url,
  };
}

/** What is wrong with each field that was typed; nothing where all is well. */
export function mistakes(draft: AlertDraft): Partial<Record<keyof AlertDraft, string>> {
  const found: Partial<Record<keyof AlertDraft, string>> = {};
  if (!areWhole(draft.percents, 100, 10)) found.percents = "Write whole numbers from 1 to 100, at most ten.";
  if (!areWhole(draft.steps, 1_000_000, 20))
    found.steps = "Write whole dollars up to a million, at most twenty.";
  const emails = pieces(draft.emails);
  const wrong = emails.find((email) => !/^[^@\s<>]+@[^@\s<>]+$/.test(email));
  if (wrong !== undefined) found.emails = `${wrong} is no address.`;
  else if (emails.length > 20) found.emails = "At most twenty addresses.";
  if (draft.webhook.trim() !== "" && !/^https:\/\/[^\s/@]+(\/\S*)?$/.test(draft.webhook.trim()))
    found.webhook = "Write a URL that begins with https://.";
  return found;
}

/** What the server takes. */
export function requestOf(draft: AlertDraft): Schema<"AlertRuleRequest"> {
  return {
    percents: pieces(draft.percents).map(Number),
    overage_steps_usd: pieces(draft.steps).map(Number),
    tells_admins: draft.tellsAdmins,
    emails: pieces(draft.emails),
    webhook_url: draft.webhook.trim(),
  };
}

function areWhole(text: string, most: number, count: number): boolean {
  const found = pieces(text);
  return found.length <= count && found.every((one) => /^\d{1,7}$/.test(one) && +one >= 1 && +one <= most);
}

function pieces(text: string): string[] {
  return text.split(/[\s,;%$]+/).filter(Boolean);
}
