import { useState } from "react";
import { Button } from "~/components/Button";
import { count } from "~/lib/format";

const LINES = 400;

/** A unified diff (as `diff -u` and Git write it), line by line; the sign says what the colour says. */
export function DiffText({ text }: { text: string }) {
  const [most, setMost] = useState(LINES);
  const lines = text.split("\n");
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <pre className="overflow-x-auto rounded border border-line font-mono text-xs leading-relaxed">
        {lines.slice(0, most).map((line, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines of a text neither move nor go
          <div key={at} className={`px-2 ${toneOf(line)}`}>
            {line || " "}
          </div>
        ))}
      </pre>
      {lines.length > most && (
        <Button small className="self-start" onClick={() => setMost(most * 10)}>
          {count(lines.length - most)} more lines
        </Button>
      )}
    </div>
  );
}

function toneOf(line: string): string {
  if (/^(?:\+\+\+|---|diff |index )/.test(line)) return "text-muted";
  if (line.startsWith("@@")) return "bg-accent-soft text-accent";
  if (line.startsWith("+")) return "bg-good-soft text-good";
  return line.startsWith("-") ? "bg-bad-soft text-bad" : "";
}
