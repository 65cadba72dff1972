import { useMemo } from "react";
import { Badge, type Tone } from "~/components/Badge";
import { textOf } from "~/components/value/text";
import { type Change, MOST_CHANGES, valueChanges } from "~/lib/diff/values";
import { count } from "~/lib/format";
import type { Layout } from "./DiffControls";
import { TextDiff } from "./TextDiff";

interface ValueDiffProps {
  before: unknown;
  after: unknown;
  label: string;
  layout: Layout;
  /** Only what differs. */
  only: boolean;
}

const TONES: Record<Change["kind"], Tone> = { same: "plain", changed: "warn", added: "good", removed: "bad" };

/** Two JSON values by path; unified as the JSON itself. */
export function ValueDiff({ before, after, label, layout, only }: ValueDiffProps) {
  const changes = useMemo(() => valueChanges(before, after), [before, after]);
  const shown = only ? changes.filter((one) => one.kind !== "same") : changes;
  if (layout === "unified")
    return <TextDiff before={json(before)} after={json(after)} label={label} layout="unified" only={only} />;
  if (shown.length === 0) return <p className="text-muted">No difference.</p>;
  return (
    <section
      aria-label={label}
      tabIndex={0}
      className="relative overflow-x-auto rounded-lg border border-line"
    >
      <table className="w-full min-w-[32rem] table-fixed border-collapse text-sm">
        <thead className="bg-panel text-left text-xs text-muted">
          <tr>
            <th scope="col" className="w-1/4 px-3 py-1.5 font-medium">
              Path
            </th>
            <th scope="col" className="px-3 py-1.5 font-medium">
              Before
            </th>
            <th scope="col" className="px-3 py-1.5 font-medium">
              After
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((change) => (
            <tr key={`${change.kind} ${change.path}`} className="border-t border-line align-top">
              <th scope="row" className="px-3 py-1.5 text-left font-mono text-xs font-normal break-all">
                {change.path || "value"}{" "}
                {change.kind !== "same" && <Badge tone={TONES[change.kind]}>{change.kind}</Badge>}
              </th>
              <ChangeCells change={change} />
            </tr>
          ))}
        </tbody>
      </table>
      {changes.length >= MOST_CHANGES && (
        <p className="p-2 text-xs text-muted">The first {count(MOST_CHANGES)} paths.</p>
      )}
    </section>
  );
}

function ChangeCells({ change }: { change: Change }) {
  const { before, after, kind, path } = change;
  const isLong = (value: unknown) => typeof value === "string" && (value.includes("\n") || value.length > 60);
  if (kind === "changed" && typeof before === "string" && typeof after === "string" && isLong(before + after))
    return (
      <td colSpan={2} className="px-3 py-1.5">
        <TextDiff
          before={before}
          after={after}
          label={`Text of ${path || "value"}`}
          layout="side"
          only={false}
        />
      </td>
    );
  return (
    <>
      <Cell value={before} ground={kind === "changed" || kind === "removed" ? "bg-bad-soft" : ""} />
      <Cell value={after} ground={kind === "changed" || kind === "added" ? "bg-good-soft" : ""} />
    </>
  );
}

function Cell({ value, ground }: { value: unknown; ground: string }) {
  return (
    <td className={`px-3 py-1.5 font-mono text-xs break-words whitespace-pre-wrap ${ground}`}>
      {value === undefined ? "" : typeof value === "string" ? value : textOf(value, 2_000)}
    </td>
  );
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2) ?? "";
}
