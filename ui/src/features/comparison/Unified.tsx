import { useMemo } from "react";
import { TableDiff } from "~/components/diff/TableDiff";
import { TextDiff } from "~/components/diff/TextDiff";
import { EmptyState } from "~/components/States";
import type { Place } from "~/lib/place";
import { outline } from "./leaves";
import type { Subject } from "./subject";

interface UnifiedProps {
  place: Place;
  subjects: Subject[];
  base: number;
  /** Only what differs. */
  only: boolean;
}

/** Two of them in one column: what the baseline has, and what the other has in its place. */
export function Unified({ place, subjects, base, only }: UnifiedProps) {
  const before = subjects[base];
  const after = subjects.find((_, index) => index !== base);
  const [was, is] = useMemo(
    () => [outline(before?.value ?? null), outline(after?.value ?? null)],
    [before, after],
  );
  if (subjects.length !== 2 || !before || !after)
    return (
      <EmptyState title="Unified shows two">
        {subjects.length < 2 ? "Choose another one to compare with." : "Choose two of them to be shown."}
      </EmptyState>
    );
  return (
    <>
      <p className="text-muted">
        <del>
          {before.label}, {before.detail}
        </del>{" "}
        →{" "}
        <ins>
          {after.label}, {after.detail}
        </ins>
      </p>
      {before.table && after.table && (
        <TableDiff
          of={`${place.team}/${place.project}`}
          before={before.table}
          after={after.table}
          only={only}
        />
      )}
      <TextDiff label="Unified" before={was} after={is} layout="unified" only={only} />
    </>
  );
}
