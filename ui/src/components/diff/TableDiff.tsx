import { useQuery } from "@tanstack/react-query";
import { findRows } from "~/api/weave/tables";
import { Loaded } from "~/components/States";
import { RowsDiff } from "./RowsDiff";

interface TableDiffProps {
  /** `team/project`. */
  of: string;
  /** Digests of tables. */
  before: string;
  after: string;
  /** Only rows that differ. */
  only: boolean;
}

/** Rows that are compared at once; of larger tables the first ones. */
const MOST_ROWS = 50_000;

/** The rows of two tables that are kept: what came, what went, what changed. */
export function TableDiff({ of, before, after, only }: TableDiffProps) {
  const rows = (table: string) => ({
    queryKey: ["tables", of, table, "all"],
    queryFn: ({ signal }: { signal: AbortSignal }) => findRows(of, table, { limit: MOST_ROWS }, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const was = useQuery(rows(before));
  const is = useQuery(rows(after));
  return (
    <Loaded query={was}>
      {(rowsBefore) => (
        <Loaded query={is}>
          {(rowsAfter) => (
            <RowsDiff label="Difference of the rows" before={rowsBefore} after={rowsAfter} only={only} />
          )}
        </Loaded>
      )}
    </Loaded>
  );
}
