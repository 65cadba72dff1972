import { type FormEvent, useId, useState } from "react";
import { Button } from "~/components/Button";
import { Segmented } from "~/components/Tabs";
import {
  fromInput,
  PRESET_LABELS,
  PRESETS,
  type Preset,
  plain,
  type RangeSearch,
  type Span,
  spanName,
  toInput,
} from "./ranges";

interface RangePickerProps {
  span: Span;
  onChange: (range: RangeSearch) => void;
}

/** The span of a view: a preset, or from and to. UTC, as the books are. */
export function RangePicker({ span, onChange }: RangePickerProps) {
  const [isOpen, setIsOpen] = useState(false);
  const isCustom = span.preset === null;
  const options = [
    ...PRESETS.map((value) => ({ value, label: PRESET_LABELS[value] })),
    { value: "custom" as const, label: "Custom" },
  ];
  const choose = (value: Preset | "custom") => {
    setIsOpen(value === "custom");
    if (value !== "custom") onChange({ range: value });
  };
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-2">
      <div className="max-w-full overflow-x-auto">
        <Segmented
          label="Time range"
          value={isCustom || isOpen ? "custom" : (span.preset ?? "30d")}
          options={options}
          onChange={choose}
        />
      </div>
      {isOpen || isCustom ? (
        <CustomRange key={`${plain(span.since)}-${plain(span.until)}`} span={span} onChange={onChange} />
      ) : (
        <span className="text-xs text-muted">{spanName(span)}</span>
      )}
    </div>
  );
}

function CustomRange({ span, onChange }: RangePickerProps) {
  const id = useId();
  const [since, setSince] = useState(toInput(span.since));
  const [until, setUntil] = useState(toInput(span.until));
  const [from, to] = [fromInput(since), fromInput(until)];
  const isRight = from !== null && to !== null && from < to;
  const apply = (event: FormEvent) => {
    event.preventDefault();
    if (isRight) onChange({ since: plain(from), until: plain(to) });
  };
  const field = "h-7 rounded-md border border-line-strong bg-bg px-1.5 text-xs text-fg pointer-coarse:h-10";
  return (
    <form onSubmit={apply} className="flex flex-wrap items-center gap-2 text-xs">
      <label htmlFor={`${id}-from`}>From</label>
      <input
        id={`${id}-from`}
        type="datetime-local"
        className={field}
        value={since}
        onChange={(event) => setSince(event.target.value)}
      />
      <label htmlFor={`${id}-to`}>until</label>
      <input
        id={`${id}-to`}
        type="datetime-local"
        className={field}
        value={until}
        aria-describedby={`${id}-hint`}
        aria-invalid={!isRight || undefined}
        onChange={(event) => setUntil(event.target.value)}
      />
      <span id={`${id}-hint`} className={isRight ? "text-muted" : "text-bad"}>
        {isRight ? "UTC" : "The end has to be after the start"}
      </span>
      <Button small type="submit" disabled={!isRight}>
        Apply
      </Button>
    </form>
  );
}
