import type { Schema } from "~/api/client";
import type { Tone } from "~/components/Badge";
import { nusd, usd } from "~/lib/money";
import type { Outcome } from "./search";

type Month = Schema<"MonthInfo">;
type Alert = Schema<"AlertInfo">;

const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

/** `2026-11` as `November 2026`. */
export function monthName(month: string): string {
  return `${MONTHS[Number(month.slice(5, 7)) - 1] ?? month} ${month.slice(0, 4)}`;
}

/** What the month will come to, and how sure that is. */
export function forecastText(month: Month): string {
  const end = `${usd(nusd(month.forecast_nusd))} by the end of ${monthName(month.month)} if it goes on so`;
  const range = rangeText(month.forecast_low_nusd, month.forecast_high_nusd);
  if (range === null) return `${end}. How sure that is shows after three days of use.`;
  return `${end}; ${range} in four months of five.`;
}

/** `between $2.00 and $3.00`; null when too little is known, and the one figure when there is no doubt. */
export function rangeText(low: string | null, high: string | null): string | null {
  if (low === null || high === null) return null;
  const [from, to] = [usd(nusd(low)), usd(nusd(high))];
  return from === to ? `about ${from}` : `between ${from} and ${to}`;
}

const CREDIT: Record<string, string> = {
  plan: "Plan credit",
  purchased: "Purchased",
  promotional: "Promotional",
  adjustment: "Adjustment",
  refund: "Refund",
};

export function creditLabel(kind: string): string {
  return CREDIT[kind] ?? kind;
}

/** The account that an entry of a request's transaction belongs to. */
export function accountLabel(kind: string): string {
  if (kind === "owed") return "Owed, comes with the invoice";
  if (kind === "revenue") return "Earned by this server";
  return creditLabel(kind);
}

/** What an alert says that was reached. */
export function alertText(alert: Alert): string {
  const of = `${usd(nusd(alert.current_nusd))} of ${usd(nusd(alert.max_nusd))}`;
  switch (alert.kind) {
    case "credits":
      return `${alert.threshold_percent}% of the credit of ${alert.window} used: ${of}`;
    case "overage":
      return `${usd(nusd(alert.threshold_nusd ?? "0"))} owed beyond credit in ${alert.window}`;
    case "monitor": // told elsewhere: the list here is of money
      return "A rule of a monitor";
    case "cap_day":
      return `${alert.threshold_percent}% of the daily cap reached: ${of}`;
    case "cap_month":
      return `${alert.threshold_percent}% of the monthly cap reached: ${of}`;
    case "cap_year":
      return `${alert.threshold_percent}% of the yearly cap reached: ${of}`;
  }
}

/** Whether an alert has arrived with anybody. */
export function deliveryText(alert: Alert): string {
  const parts: string[] = [];
  if (alert.sent) parts.push(`${alert.sent} sent`);
  if (alert.pending) parts.push(`${alert.pending} on the way`);
  if (alert.given_up) parts.push(`${alert.given_up} failed`);
  return parts.join(", ") || "shown here only";
}

export const OUTCOME_WORDS: Record<Outcome, { label: string; tone: Tone }> = {
  completed: { label: "Completed", tone: "good" },
  cancelled: { label: "Cancelled", tone: "plain" },
  failed: { label: "Failed", tone: "bad" },
  refused: { label: "Refused", tone: "warn" },
  interrupted: { label: "Interrupted", tone: "bad" },
};

export const PURCHASE_WORDS: Record<Schema<"PurchaseStatus">, { label: string; tone: Tone }> = {
  pending: { label: "Not paid yet", tone: "plain" },
  paid: { label: "Paid", tone: "good" },
  refunded: { label: "Refunded", tone: "plain" },
  failed: { label: "Failed", tone: "bad" },
  expired: { label: "Expired", tone: "plain" },
  review: { label: "Being looked at", tone: "warn" },
};

const KINDS: Record<string, string> = {
  spend: "Spend",
  credits: "Credit",
  concurrency: "Requests in flight",
  requests: "Requests",
  tokens: "Tokens",
};

/** A limit by its kind and window: `Requests per minute`. */
export function limitName(kind: string, period: string | null): string {
  return `${KINDS[kind] ?? kind}${period ? ` per ${period}` : ""}`;
}

const MONEY = new Set(["spend", "credits"]);

/** A figure of a limit as the API writes it: money as text of nano-dollars, counts as numbers. */
export function limitFigure(kind: string, figure: string | number | null | undefined): string {
  if (figure === null || figure === undefined || figure === "") return "";
  if (MONEY.has(kind) && /^-?\d+$/.test(String(figure))) return usd(BigInt(figure));
  return Number(figure).toLocaleString("en-US");
}
