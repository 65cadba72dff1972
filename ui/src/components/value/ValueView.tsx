import { useState } from "react";
import { CopyButton } from "~/components/Copy";
import { Segmented } from "~/components/Tabs";
import { kindOf } from "./kind";
import { TextValue } from "./TextValue";
import { textOf } from "./text";
import { ValueNode } from "./ValueNode";

interface ValueViewProps {
  value: unknown;
  /** What it is, for screen readers and the copy button. */
  label: string;
}

/** What is copied at most; a text of many megabytes would stop the page. */
const COPIED_CHARS = 5_000_000;

/**
 * A value for reading, as what it is: texts wrapped and folded, objects by their fields, lists of objects as tables,
 * images, sounds and films, diffs, references as links. Or as JSON. Nothing is loaded from other servers.
 */
export function ValueView({ value, label }: ValueViewProps) {
  const [mode, setMode] = useState<"readable" | "json">("readable");
  const isPlain = typeof value !== "object" || value === null;
  return (
    <section
      aria-label={label}
      tabIndex={0}
      className="relative min-w-0 overflow-x-auto rounded-md border border-line bg-raised"
    >
      <div className="flex items-center justify-end gap-1 border-b border-line bg-panel px-1 py-0.5">
        {!isPlain && (
          <Segmented
            label={`Show ${label} as`}
            value={mode}
            onChange={setMode}
            options={[
              { value: "readable", label: "Readable" },
              { value: "json", label: "JSON" },
            ]}
          />
        )}
        <LazyCopy value={value} label={label} />
      </div>
      <div className="p-3">
        {mode === "json" && !isPlain ? (
          <TextValue text={textOf(value, COPIED_CHARS)} isCode />
        ) : (
          <ValueNode kind={kindOf(value)} value={value} depth={0} label={label} />
        )}
      </div>
    </section>
  );
}

/** Copies; the text of a large value is made only when it is wanted. */
function LazyCopy({ value, label }: ValueViewProps) {
  const [text, setText] = useState<string | null>(null);
  const isLarge = typeof value === "object" && value !== null;
  if (!isLarge) return <CopyButton text={String(value ?? "")} label={`Copy ${label}`} />;
  const make = () => setText((made) => made ?? textOf(value, COPIED_CHARS));
  return (
    <span onPointerEnter={make} onFocusCapture={make} className="inline-flex">
      <CopyButton text={text ?? ""} label={`Copy ${label}`} />
    </span>
  );
}
