/** Spans of time of a usage report, in UTC as the books are. Pure: the present moment is an argument. */

export const PRESETS = ["24h", "7d", "30d", "90d", "month", "12mo"] as const;
export type Preset = (typeof PRESETS)[number];
export type Grain = "hour" | "day" | "month";

/** What the URL says of the span: a preset, or from one moment until before another. */
export interface RangeSearch {
  range?: Preset;
  since?: string;
  until?: string;
}

export interface Span {
  since: Date;
  /** Not included. */
  until: Date;
  grain: Grain;
  preset: Preset | null;
}

export interface Period {
  /** As a report groups by it: `2026-11-28T09:00Z`, `2026-11-28` or `2026-11`. */
  key: string;
  start: Date;
  end: Date;
}

export const PRESET_LABELS: Record<Preset, string> = {
  "24h": "24 hours",
  "7d": "7 days",
  "30d": "30 days",
  "90d": "90 days",
  month: "This month",
  "12mo": "12 months",
};

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Hours are drawn up to two days, days up to a quarter, months beyond: more bars than that nobody can tell apart. */
const MAX_HOURS = 48;
const MAX_DAYS = 93;
const MAX_PERIODS = 400;

/** The span that an address means. What makes no span is taken for the last 30 days. */
export function spanOf(search: RangeSearch, now: Date): Span {
  if (search.since) {
    const since = new Date(search.since);
    const until = search.until ? new Date(search.until) : floorTo("hour", now, 1);
    if (since < until) return { since, until, grain: grainOf(since, until), preset: null };
  }
  const preset = search.range ?? "30d";
  const tomorrow = floorTo("day", now, 1);
  const ends = floorTo("month", now, 1);
  const found: Record<Preset, [Date, Date]> = {
    "24h": [floorTo("hour", now, -23), floorTo("hour", now, 1)],
    "7d": [floorTo("day", now, -6), tomorrow],
    "30d": [floorTo("day", now, -29), tomorrow],
    "90d": [floorTo("day", now, -89), tomorrow],
    month: [floorTo("month", now, 0), ends],
    "12mo": [floorTo("month", now, -11), ends],
  };
  const [since, until] = found[preset];
  return { since, until, grain: grainOf(since, until), preset };
}

function grainOf(since: Date, until: Date): Grain {
  const length = until.getTime() - since.getTime();
  if (length <= MAX_HOURS * HOUR_MS) return "hour";
  return length <= MAX_DAYS * DAY_MS ? "day" : "month";
}

/** The start of the hour, day or month of UTC that `moment` lies in, `by` further on. */
export function floorTo(grain: Grain, moment: Date, by = 0): Date {
  const [year, month, day] = [moment.getUTCFullYear(), moment.getUTCMonth(), moment.getUTCDate()];
  if (grain === "hour") return new Date(Date.UTC(year, month, day, moment.getUTCHours() + by));
  if (grain === "day") return new Date(Date.UTC(year, month, day + by));
  return new Date(Date.UTC(year, month + by));
}

/** Every period of a span, also those in which nothing was used. The first and last may reach beyond it. */
export function periodsOf(span: Span): Period[] {
  const periods: Period[] = [];
  for (let start = floorTo(span.grain, span.since); start < span.until; ) {
    const end = floorTo(span.grain, start, 1);
    periods.push({ key: keyOf(span.grain, start), start, end });
    if (periods.length === MAX_PERIODS) break;
    start = end;
  }
  return periods;
}

export function keyOf(grain: Grain, start: Date): string {
  const text = start.toISOString();
  if (grain === "hour") return `${text.slice(0, 16)}Z`;
  return text.slice(0, grain === "day" ? 10 : 7);
}

/** The part of a period that lies in the span: what a click on its bar opens. */
export function within(period: { start: Date; end: Date }, span: Span): { since: string; until: string } {
  const since = new Date(Math.max(period.start.getTime(), span.since.getTime()));
  const until = new Date(Math.min(period.end.getTime(), span.until.getTime()));
  return { since: plain(since), until: plain(until) };
}

/** A moment for an address: a date where it is midnight, otherwise to the minute. */
export function plain(moment: Date): string {
  const text = moment.toISOString();
  return text.endsWith("T00:00:00.000Z") ? text.slice(0, 10) : `${text.slice(0, 16)}Z`;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Below the axis: `09:00`, `28 Nov` or `Nov 2026`. */
export function shortName(grain: Grain, start: Date): string {
  const month = MONTHS[start.getUTCMonth()];
  if (grain === "hour") {
    const hour = `${String(start.getUTCHours()).padStart(2, "0")}:00`;
    return hour === "00:00" ? `${start.getUTCDate()} ${month}` : hour;
  }
  return grain === "day" ? `${start.getUTCDate()} ${month}` : `${month} ${start.getUTCFullYear()}`;
}

/** In full: `28 Nov 2026, 09:00`, `28 Nov 2026` or `Nov 2026`. */
export function fullName(grain: Grain, start: Date): string {
  if (grain === "month") return shortName(grain, start);
  const date = `${start.getUTCDate()} ${MONTHS[start.getUTCMonth()]} ${start.getUTCFullYear()}`;
  return grain === "day" ? date : `${date}, ${String(start.getUTCHours()).padStart(2, "0")}:00`;
}

/** A span in words: `1 Nov 2026 to 28 Nov 2026 (UTC)`; its last day is included. */
export function spanName(span: { since: Date; until: Date }): string {
  const isDays = plain(span.since).length === 10 && plain(span.until).length === 10;
  if (!isDays) return `${fullName("hour", span.since)} to ${fullName("hour", span.until)} (UTC)`;
  const last = floorTo("day", span.until, -1);
  const [from, to] = [fullName("day", span.since), fullName("day", last)];
  return from === to ? `${from} (UTC)` : `${from} to ${to} (UTC)`;
}

/** The value of an `<input type="datetime-local">` as a moment of UTC; null when it is none. */
export function fromInput(text: string): Date | null {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text)) return null;
  const moment = new Date(`${text.slice(0, 16)}Z`);
  return Number.isNaN(moment.getTime()) ? null : moment;
}

export function toInput(moment: Date): string {
  return moment.toISOString().slice(0, 16);
}
