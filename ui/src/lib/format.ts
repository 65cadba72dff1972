/** Figures and times for people. Pure: the clock and the language are arguments where they matter. */

const COUNT = new Intl.NumberFormat("en-US");

/** `1,234,567`. */
export function count(value: number): string {
  return COUNT.format(value);
}

/** `950`, `1.2k`, `131k`, `1.05M`: three digits that count. */
export function short(value: number): string {
  const steps: [number, string][] = [
    [1e12, "T"],
    [1e9, "B"],
    [1e6, "M"],
    [1e3, "k"],
  ];
  for (const [size, letter] of steps) {
    if (Math.abs(value) >= size) return `${trim((value / size).toPrecision(3))}${letter}`;
  }
  return trim(Number.isInteger(value) ? String(value) : value.toPrecision(3));
}

/** Seconds as people say them: `340 ms`, `1.2 s`, `3 min 5 s`. */
export function duration(seconds: number): string {
  if (seconds < 0.9995) return `${trim((seconds * 1000).toPrecision(3))} ms`;
  if (seconds < 60) return `${trim(seconds.toFixed(seconds < 10 ? 2 : 1))} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** Bytes in binary units: `812 B`, `1.5 GiB`. */
export function bytes(value: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let index = 0;
  let size = value;
  while (size >= 1024 && index < units.length - 1) {
    size /= 1024;
    index += 1;
  }
  return `${index === 0 ? size : trim(size.toPrecision(3))} ${units[index]}`;
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];
const AGO = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** `5 minutes ago`, `in 3 days`, `just now`. */
export function relative(time: Date, now: Date): string {
  const seconds = (time.getTime() - now.getTime()) / 1000;
  for (const [unit, size] of STEPS) {
    if (Math.abs(seconds) >= size) return AGO.format(Math.round(seconds / size), unit);
  }
  return "just now";
}

const STAMP = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });
const DAY = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" });

/** A moment in the reader's own time zone: `28 Nov 2026, 09:18:20`. */
export function stamp(time: Date): string {
  return STAMP.format(time);
}

/** A calendar day: `28 Nov 2026`. */
export function day(time: Date): string {
  return DAY.format(time);
}

/** `1 key`, `2 keys`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

function trim(text: string): string {
  const plain = text.includes("e") ? String(Number(text)) : text;
  return plain.includes(".") ? plain.replace(/\.?0+$/, "") : plain;
}

/** A text as a sentence: with a capital at its beginning and a full stop at its end. */
export function sentence(text: string): string {
  if (!text) return "";
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
