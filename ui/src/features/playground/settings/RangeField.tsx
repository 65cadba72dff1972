import { useEffect, useId, useState } from "react";
import { clamp, type Range } from "../state/settings";

interface RangeFieldProps {
  label: string;
  hint?: string;
  range: Range;
  value: number;
  /** Why it cannot be set for this model. */
  reason?: string | null;
  onChange: (value: number) => void;
}

/** A number within bounds: a slider, and a field for who knows the figure. */
export function RangeField({ label, hint, range, value, reason, onChange }: RangeFieldProps) {
  const id = useId();
  const [text, setText] = useState(String(value));
  useEffect(() => setText(String(value)), [value]);
  const commit = () => {
    const next = text.trim() === "" ? value : clamp(Number(text), range, value);
    setText(String(next));
    if (next !== value) onChange(next);
  };
  const bounds = { min: range.min, max: range.max, step: range.step, disabled: Boolean(reason) };
  return (
    <div className="flex flex-col gap-1">
      <div className="flex items-center justify-between gap-3">
        <label htmlFor={id} className="font-medium">
          {label}
        </label>
        <input
          type="number"
          aria-label={`${label}, as a number`}
          {...bounds}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onBlur={commit}
          onKeyDown={(event) => event.key === "Enter" && commit()}
          className="h-7 w-24 rounded-md border border-line-strong bg-bg px-2 text-right text-sm disabled:opacity-60 pointer-coarse:h-10 pointer-coarse:text-base"
        />
      </div>
      <input
        id={id}
        type="range"
        aria-describedby={`${id}-hint`}
        {...bounds}
        value={value}
        onChange={(event) => onChange(clamp(Number(event.target.value), range, value))}
        className="w-full accent-accent-solid pointer-coarse:h-8"
      />
      <div id={`${id}-hint`} className="text-xs text-muted">
        {reason || (
          <>
            {hint ? `${hint} ` : ""}From {range.min} to {range.max.toLocaleString("en")}.
          </>
        )}
      </div>
    </div>
  );
}
