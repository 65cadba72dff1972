import { CodeBlock } from "~/components/Copy";
import { textOf } from "./text";

interface ValueViewProps {
  value: unknown;
  /** What it is, for screen readers and the copy button. */
  label: string;
}

/** A value for reading. */
export function ValueView({ value, label }: ValueViewProps) {
  return <CodeBlock label={label} code={textOf(value)} />;
}
