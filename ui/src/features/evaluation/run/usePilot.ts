import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { Place } from "~/lib/place";
import type { EvalEstimate, EvalWanted } from "../draft/types";
import { askPilot } from "../queries";

const ROWS = 10;

/**
 * The estimate after some rows were asked, while nothing was changed since; and how to ask them. Their answers are kept:
 * the evaluation goes on from them.
 */
export function usePilot(place: Place, text: string | null, totalRows: number) {
  const [told, setTold] = useState<{ text: string | null; estimate: EvalEstimate } | null>(null);
  const rows = Math.min(ROWS, totalRows);
  const ask = useMutation({
    mutationFn: (wanted: EvalWanted) => askPilot(place, { ...wanted, pilot_rows: rows }),
    onSuccess: (estimate) => setTold({ text, estimate }),
  });
  return { ask, rows, estimate: told !== null && told.text === text ? told.estimate : undefined };
}
