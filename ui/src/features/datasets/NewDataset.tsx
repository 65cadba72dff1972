import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { findDatasets, objectName, publishDataset } from "~/api/weave/datasets";
import { Button } from "~/components/Button";
import { TextField } from "~/components/Field";
import { Page, Section } from "~/components/Page";
import { RowsEditor } from "~/components/rows/RowsEditor";
import { RowsFile } from "~/components/rows/RowsFile";
import { ErrorState } from "~/components/States";
import { toast } from "~/components/Toasts";
import { plural } from "~/lib/format";
import type { Place } from "~/lib/place";
import type { ReadSheet, Sheet } from "~/lib/rows/types";
import { datasetNameProblem } from "./names";

const FRESH: Sheet = {
  columns: [
    { name: "user_input", type: "text" },
    { name: "expected_output", type: "text" },
  ],
  rows: [{ user_input: "", expected_output: "" }],
};

/** A dataset made here: from a file, or written from scratch. */
export function NewDataset({ place }: { place: Place }) {
  const of = `${place.team}/${place.project}`;
  const [sheet, setSheet] = useState(FRESH);
  const [read, setRead] = useState<{ number: number; notes: string[] }>({ number: 0, notes: [] });
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const client = useQueryClient();
  const navigate = useNavigate();
  const datasets = useQuery({
    queryKey: ["datasets", of, "names"],
    queryFn: ({ signal }) => findDatasets(of, signal),
  });
  const problem = datasetNameProblem(
    name,
    (datasets.data ?? []).map((one) => one.object_id),
  );
  const onRead = ({ columns, rows, notes }: ReadSheet, file: string) => {
    setSheet({ columns, rows });
    setRead(({ number }) => ({ number: number + 1, notes }));
    if (name === "") setName(objectName(file));
  };
  const publish = useMutation({
    mutationFn: () => publishDataset(of, { name, description: description || null, rows: sheet.rows }),
    onSuccess: async ({ id, digest }) => {
      toast(`Published ${id}.`);
      await navigate({
        to: "/$team/$project/weave/objects/$name/versions/$digest",
        params: { ...place, name: id, digest },
      });
      await Promise.all(
        ["objects", "datasets"].map((key) => client.invalidateQueries({ queryKey: [key, of] })),
      );
    },
  });
  return (
    <Page
      title="New dataset"
      lead="Read a file, or write rows here. Publishing makes its first version."
      wide
    >
      <div className="grid gap-4 md:grid-cols-2">
        <TextField
          label="Name"
          value={name}
          error={name === "" ? null : problem}
          onChange={(event) => setName(event.target.value)}
        />
        <TextField
          label="Description"
          maxLength={1_000}
          value={description}
          onChange={(event) => setDescription(event.target.value)}
        />
      </div>
      <RowsFile onRead={onRead} />
      {read.notes.length > 0 && (
        <ul className="list-disc pl-5 text-xs text-muted">
          {read.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      <Section title="Rows" lead={plural(sheet.rows.length, "row")}>
        <RowsEditor
          key={read.number}
          label="Rows of the new dataset"
          columns={sheet.columns}
          rows={sheet.rows}
          onChange={setSheet}
          height="max-h-[50vh]"
        />
      </Section>
      {publish.error && <ErrorState error={publish.error} />}
      <div>
        <Button
          kind="primary"
          busy={publish.isPending}
          disabled={problem !== null || sheet.rows.length === 0}
          onClick={() => publish.mutate()}
        >
          Publish
        </Button>
      </div>
    </Page>
  );
}
