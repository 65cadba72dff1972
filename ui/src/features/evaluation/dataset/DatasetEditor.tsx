import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { TextField } from "~/components/Field";
import { RowsEditor } from "~/components/rows/RowsEditor";
import { ErrorState, SkeletonRows } from "~/components/States";
import type { Place } from "~/lib/place";
import type { DatasetDraft, Draft } from "../draft/types";
import type { ChangeDraft } from "../draft/useDraft";
import { PublishDataset } from "./PublishDataset";
import { RolesFields } from "./RolesFields";
import { openDataset } from "./rows";

interface DatasetEditorProps {
  place: Place;
  draft: Draft;
  dataset: DatasetDraft;
  change: ChangeDraft;
}

/** The rows as a sheet, what they are called, and what their columns are for. */
export function DatasetEditor({ place, draft, dataset, change }: DatasetEditorProps) {
  const update = (changed: Partial<DatasetDraft>) =>
    change((now) => (now.dataset ? { dataset: { ...now.dataset, ...changed } } : {}));
  const { sheet } = dataset;
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <div className="flex flex-wrap items-end gap-3">
        <div className="w-64 max-w-full">
          <TextField
            label="Name of the dataset"
            value={dataset.name}
            maxLength={128}
            onChange={(event) => update({ name: event.target.value, published: null })}
          />
        </div>
        <PublishDataset place={place} dataset={dataset} onPublished={(published) => update({ published })} />
      </div>
      {dataset.notes.length > 0 && (
        <ul aria-label="Notes on the file" className="list-disc pl-5 text-xs text-muted">
          {dataset.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      {sheet === null ? (
        <ReadAgain place={place} dataset={dataset} onRead={update} />
      ) : (
        <>
          {!dataset.isWhole && (
            <p className="text-xs text-muted">
              The first {sheet.rows.length.toLocaleString("en")} of {dataset.total.toLocaleString("en")} rows.
              So many are not edited here; all of them are evaluated.
            </p>
          )}
          <RowsEditor
            label={`Rows of ${dataset.name}`}
            columns={sheet.columns}
            rows={sheet.rows}
            {...(dataset.isWhole && {
              onChange: (next) => update({ sheet: next, total: next.rows.length, published: null }),
            })}
          />
          <RolesFields draft={draft} sheet={sheet} change={change} />
        </>
      )}
    </div>
  );
}

interface ReadAgainProps {
  place: Place;
  dataset: DatasetDraft;
  onRead: (changed: Partial<DatasetDraft>) => void;
}

/** After a reload, rows that are published are read again. */
function ReadAgain({ place, dataset, onRead }: ReadAgainProps) {
  const { published } = dataset;
  const rows = useQuery({
    queryKey: ["evaluation", `${place.team}/${place.project}`, "rows", published?.ref],
    queryFn: ({ signal }) =>
      openDataset(`${place.team}/${place.project}`, published?.id ?? "", published?.digest ?? "", signal),
    enabled: published !== null,
    gcTime: 0,
  });
  const found = rows.data;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what was read counts
  useEffect(() => {
    if (found) onRead({ sheet: found.sheet, isWhole: found.isWhole, total: found.total });
  }, [found]);
  if (rows.error) return <ErrorState error={rows.error} onRetry={() => void rows.refetch()} />;
  return <SkeletonRows label="Reading the rows" />;
}
