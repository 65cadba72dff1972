/** Datasets that are there, as parts of a draft. */

import { readDataset } from "~/api/weave/datasets";
import { columnsOf } from "~/lib/rows/typed";
import type { Row } from "~/lib/rows/types";
import { newDataset } from "../draft/make";
import type { DatasetDraft } from "../draft/types";

/** Longer datasets are shown in part, and evaluated whole. */
export const MAX_EDITED_ROWS = 20_000;
const SHOWN_ROWS = 500;

/** A version of a dataset of `project`, with its rows. */
export async function openDataset(
  project: string,
  id: string,
  digest: string,
  signal?: AbortSignal,
): Promise<DatasetDraft> {
  const head = await readDataset(project, id, digest, SHOWN_ROWS, signal);
  const isWhole = head.total <= MAX_EDITED_ROWS;
  const whole =
    isWhole && head.total > head.rows.length
      ? await readDataset(project, id, head.digest, MAX_EDITED_ROWS, signal)
      : head;
  const rows = whole.rows as Row[];
  return newDataset(
    id,
    { columns: columnsOf(rows), rows },
    {
      description: head.description ?? "",
      isWhole,
      total: head.total,
      published: { id, digest: head.digest, ref: head.ref },
    },
  );
}
