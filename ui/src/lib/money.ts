/**
 * Money as the API carries it: whole nano-dollars in a text (1 USD = 1,000,000,000), here as `bigint`, never a float.
 * A JavaScript number would be exact to 9 million dollars only.
 */

export const NANO = 1_000_000_000n;

/** Nano-dollars of an API field; null stays null. */
export function nusd(text: string): bigint {
  return BigInt(text);
}

/** Exact dollars, with as many digits as it takes and at least two: `$1.50`, `$0.000000003`. */
export function exactUsd(amount: bigint): string {
  const { sign, whole, fraction } = split(amount);
  const digits = fraction.replace(/0+$/, "").padEnd(2, "0");
  return `${sign}$${group(whole)}.${digits}`;
}

/**
 * Dollars for a screen: two digits from a cent on, else three that count (`$0.00412`). What was cut off is never shown
 * as zero: `<$0.000001`.
 */
export function usd(amount: bigint): string {
  if (amount === 0n) return "$0.00";
  const size = amount < 0n ? -amount : amount;
  if (size >= NANO / 100n) {
    const cents = (size + NANO / 200n) / (NANO / 100n);
    return `${amount < 0n ? "−" : ""}$${group((cents / 100n).toString())}.${(cents % 100n).toString().padStart(2, "0")}`;
  }
  if (size < 1_000n) return `${amount < 0n ? "−" : ""}<$0.000001`;
  const text = size.toString().padStart(9, "0");
  const first = text.search(/[1-9]/);
  const kept = Math.min(first + 3, 9);
  return `${amount < 0n ? "−" : ""}$0.${text.slice(0, kept).replace(/0+$/, "")}`;
}

/** A price of nano-dollars per million tokens as dollars per million: `$0.03`, `$1.65`. */
export function pricePerMillion(text: string): string {
  const amount = nusd(text);
  const exact = exactUsd(amount);
  return amount === 0n ? "$0" : exact;
}

/** Nano-dollars of dollars that somebody typed (`1,234.5`, `$0.000001`); null when that is no amount. */
export function parseUsd(text: string): bigint | null {
  const plain = text.trim().replace(/^\$/, "").replaceAll(",", "");
  const found = /^(\d{1,9})(?:\.(\d{0,9}))?$/.exec(plain);
  if (!found) return null;
  return BigInt(found[1] ?? "0") * NANO + BigInt((found[2] ?? "").padEnd(9, "0"));
}

/** `part` of `whole` in percent, for bars; 0 when there is no whole. Display only. */
export function percent(part: bigint, whole: bigint): number {
  return whole <= 0n ? 0 : Number((part * 10_000n) / whole) / 100;
}

function split(amount: bigint): { sign: string; whole: string; fraction: string } {
  const size = amount < 0n ? -amount : amount;
  return {
    sign: amount < 0n ? "−" : "",
    whole: (size / NANO).toString(),
    fraction: (size % NANO).toString().padStart(9, "0"),
  };
}

function group(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ",");
}
