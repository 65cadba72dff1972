import { bytes, count, relative, short, stamp } from "~/lib/format";
import { exactUsd, nusd, usd } from "~/lib/money";

/** An amount of nano-dollars in short, exact on hover. */
export function Money({ nanoUsd }: { nanoUsd: string | bigint }) {
  const amount = typeof nanoUsd === "bigint" ? nanoUsd : nusd(nanoUsd);
  return <span title={exactUsd(amount)}>{usd(amount)}</span>;
}

/** A number of tokens in short, exact on hover. */
export function Tokens({ value }: { value: number }) {
  return <span title={`${count(value)} tokens`}>{short(value)}</span>;
}

export function Bytes({ value }: { value: number }) {
  return <span title={`${count(value)} bytes`}>{bytes(value)}</span>;
}

/** A moment as the time from now, exact on hover; "never" when there is none. */
export function Ago({ at, never = "never" }: { at: string | null | undefined; never?: string }) {
  if (!at) return <span className="text-muted">{never}</span>;
  const time = new Date(at);
  return (
    <time dateTime={at} title={stamp(time)} className="whitespace-nowrap">
      {relative(time, new Date())}
    </time>
  );
}

interface MeterProps {
  /** 0 to 100; more is drawn full, in red. */
  percent: number;
  label: string;
}

/** How much of a limit is used. */
export function Meter({ percent, label }: MeterProps) {
  const tone = percent >= 100 ? "bg-bad-solid" : percent >= 85 ? "bg-warn" : "bg-accent-solid";
  return (
    <div
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.min(100, Math.round(percent))}
      aria-valuetext={`${percent.toFixed(1)} %`}
      className="h-1.5 w-full overflow-hidden rounded-full bg-hover"
    >
      <div
        className={`h-full rounded-full ${tone}`}
        style={{ width: `${Math.max(0, Math.min(100, percent))}%` }}
      />
    </div>
  );
}

/** How far something is, from 0 to 100: full is good, unlike a `Meter` of a limit. */
export function Progress({ percent, label }: MeterProps) {
  const shown = Math.max(0, Math.min(100, percent));
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(shown)}
      className="h-1.5 w-full overflow-hidden rounded-full bg-hover"
    >
      <div
        className={`h-full rounded-full ${shown >= 100 ? "bg-good" : "bg-accent-solid"}`}
        style={{ width: `${shown}%` }}
      />
    </div>
  );
}
