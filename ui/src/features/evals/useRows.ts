import { useQueries } from "@tanstack/react-query";
import { useState } from "react";
import type { Schema } from "~/api/client";
import { type Of, PAGE, rowsQuery } from "./queries";

export type Row = Schema<"RowTold">;
type Asked = Parameters<typeof rowsQuery>[1];

/** Rows of runs, asked for as they come into sight; those on their way are undefined. */
export function useRows(of: Of, asked: Asked) {
  const [range, setRange] = useState<[number, number]>([0, 0]);
  const pages: number[] = [];
  for (let page = Math.floor(range[0] / PAGE); page <= Math.floor(range[1] / PAGE); page += 1)
    pages.push(page);
  if (!pages.includes(0)) pages.unshift(0); // says how many there are
  const results = useQueries({ queries: pages.map((page) => rowsQuery(of, asked, page)) });
  const first = results[0];
  const total = first?.data?.total ?? 0;
  const rows: (Row | undefined)[] = Array.from({ length: total }, () => undefined);
  pages.forEach((page, index) => {
    results[index]?.data?.rows.forEach((row, at) => {
      rows[page * PAGE + at] = row;
    });
  });
  return {
    rows,
    total,
    allRows: first?.data?.all_rows ?? 0,
    isPending: first?.isPending ?? true,
    error: results.find((one) => one.error)?.error ?? null,
    refetch: () => results.forEach((one) => void one.refetch()),
    onRange: (from: number, to: number) => {
      if (
        Math.floor(from / PAGE) !== Math.floor(range[0] / PAGE) ||
        Math.floor(to / PAGE) !== Math.floor(range[1] / PAGE)
      )
        setRange([from, to]);
    },
  };
}
