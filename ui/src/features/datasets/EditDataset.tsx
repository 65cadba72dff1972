import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { type DatasetRead, publishDataset, readDataset } from "~/api/weave/datasets";
import { Button } from "~/components/Button";
import { DiffControls } from "~/components/diff/DiffControls";
import { RowsDiff } from "~/components/diff/RowsDiff";
import { TextField } from "~/components/Field";
import { Page } from "~/components/Page";
import { RowsEditor } from "~/components/rows/RowsEditor";
import { EmptyState, ErrorState, Loaded, Skeleton } from "~/components/States";
import { Segmented } from "~/components/Tabs";
import { toast } from "~/components/Toasts";
import { count } from "~/lib/format";
import type { Place } from "~/lib/place";
import { columnsOf } from "~/lib/rows/typed";
import { MAX_ROWS, type Row, type Sheet } from "~/lib/rows/types";
import { digested } from "./digested";

interface EditDatasetProps {
  place: Place;
  name: string;
  /** The version that editing begins from. */
  from: string;
}

/** The rows of a version, edited and published as a new one. */
export function EditDataset({ place, name, from }: EditDatasetProps) {
  const of = `${place.team}/${place.project}`;
  const dataset = useQuery({
    queryKey: ["datasets", of, "rows", name, from],
    queryFn: ({ signal }) => readDataset(of, name, from, MAX_ROWS, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Page title={`Edit ${name}`} lead="Publishing makes a new version; the ones before stay." wide>
      <Loaded query={dataset} loading={<Skeleton className="h-96" />}>
        {(found) =>
          found.total > MAX_ROWS ? (
            <EmptyState title={`${count(found.total)} rows are too many to edit here`}>
              Up to {count(MAX_ROWS)} fit. Read it with the Weave client, change it and publish it again.
            </EmptyState>
          ) : (
            <Editor key={found.digest} place={place} dataset={found} />
          )
        }
      </Loaded>
    </Page>
  );
}

function Editor({ place, dataset }: { place: Place; dataset: DatasetRead }) {
  const of = `${place.team}/${place.project}`;
  const [first] = useState<Sheet>(() => {
    const rows = dataset.rows as Row[];
    return { rows, columns: columnsOf(rows) };
  });
  const [sheet, setSheet] = useState(first);
  const [view, setView] = useState<"rows" | "changes">("rows");
  const [only, setOnly] = useState(true);
  const [description, setDescription] = useState(dataset.description ?? "");
  const [share, setShare] = useState(0);
  const client = useQueryClient();
  const navigate = useNavigate();
  const before = useMemo(() => digested(first.rows), [first]);
  const after = useMemo(() => (view === "changes" ? digested(sheet.rows) : []), [view, sheet]);
  const hasChanges = sheet !== first || description !== (dataset.description ?? "");
  const publish = useMutation({
    mutationFn: () =>
      publishDataset(
        of,
        { name: dataset.id, description: description || null, rows: sheet.rows, after: dataset.value },
        setShare,
      ),
    onSuccess: async ({ id, digest }) => {
      toast(`Published a new version of ${id}.`);
      await navigate({
        to: "/$team/$project/weave/objects/$name/versions/$digest",
        params: { ...place, name: id, digest },
        search: digest === dataset.digest ? {} : { against: dataset.digest, only: true },
      });
      await client.invalidateQueries({ queryKey: ["objects", of] });
    },
  });
  return (
    <>
      <div className="w-96 max-w-full">
        <TextField
          label="Description"
          maxLength={1_000}
          value={description}
          onChange={(event) => setDescription(event.target.value)}
        />
      </div>
      <div className="flex flex-wrap items-center gap-3">
        <Segmented
          label="View"
          value={view}
          options={[
            { value: "rows", label: "Rows" },
            { value: "changes", label: "Changes" },
          ]}
          onChange={setView}
        />
        {view === "changes" && (
          <DiffControls layout="side" only={only} hasLayouts={false} onLayout={() => {}} onOnly={setOnly} />
        )}
      </div>
      {view === "rows" ? (
        <RowsEditor
          label={`Rows of ${dataset.id}`}
          columns={sheet.columns}
          rows={sheet.rows}
          onChange={setSheet}
          height="max-h-[60vh]"
        />
      ) : (
        <RowsDiff label="Your changes" before={before} after={after} only={only} />
      )}
      {publish.error && <ErrorState error={publish.error} />}
      <div className="flex flex-wrap items-center gap-3">
        <Button
          kind="primary"
          busy={publish.isPending}
          disabled={!hasChanges || sheet.rows.length === 0}
          onClick={() => publish.mutate()}
        >
          Publish new version
        </Button>
        <span role="status" className="text-xs text-muted">
          {publish.isPending
            ? `${Math.round(share * 100)} % of the rows are there`
            : sheet.rows.length === 0
              ? "A dataset needs a row."
              : hasChanges
                ? "Not published yet."
                : "Nothing changed yet."}
        </span>
      </div>
    </>
  );
}
