import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import type { Call } from "~/api/weave/calls";
import { publishDataset } from "~/api/weave/datasets";
import { Button } from "~/components/Button";
import { Checkbox, TextField } from "~/components/Field";
import { Section } from "~/components/Page";
import { RowsEditor } from "~/components/rows/RowsEditor";
import { ErrorState } from "~/components/States";
import { toast } from "~/components/Toasts";
import { plural } from "~/lib/format";
import type { Place } from "~/lib/place";
import { columnsOf } from "~/lib/rows/typed";
import { MappingTable } from "./MappingTable";
import { guess, mappingProblem, pathsOf, rowsOf, SOURCE } from "./mapping";
import { datasetNameProblem } from "./names";
import { appendRows, type Target } from "./publish";

interface CallsToRowsProps {
  place: Place;
  calls: Call[];
  /** The dataset that rows are put at the end of; null for a new one. */
  target: Target | null;
  /** Names that are taken. */
  taken: string[];
}

const PREVIEWED = 20;

/** Maps fields to columns, shows the rows that come of it, and publishes them. */
export function CallsToRows({ place, calls, target, taken }: CallsToRowsProps) {
  const of = `${place.team}/${place.project}`;
  const paths = useMemo(() => pathsOf(calls), [calls]);
  const [mapped, setMapped] = useState(() => guess(paths, calls, target?.columns ?? []));
  const [withSource, setWithSource] = useState(true);
  const [name, setName] = useState("");
  const client = useQueryClient();
  const navigate = useNavigate();
  const rows = useMemo(
    () => rowsOf(of, calls, mapped, withSource, target?.sources),
    [of, calls, mapped, withSource, target],
  );
  const preview = rows.slice(0, PREVIEWED);
  const nameProblem = target ? null : datasetNameProblem(name, taken);
  const problem = mappingProblem(mapped) ?? (name === "" && !target ? null : nameProblem);
  const publish = useMutation({
    mutationFn: async () =>
      target
        ? { id: target.name, digest: await appendRows(of, target.name, rows) }
        : publishDataset(of, { name, rows }),
    onSuccess: async ({ id, digest }) => {
      toast(`Published ${plural(rows.length, "row")} in ${id}.`);
      await navigate({
        to: "/$team/$project/weave/objects/$name/versions/$digest",
        params: { ...place, name: id, digest },
      });
      await Promise.all(
        ["objects", "datasets"].map((key) => client.invalidateQueries({ queryKey: [key, of] })),
      );
    },
  });
  const skipped = calls.length - rows.length;
  return (
    <>
      {!target && (
        <div className="w-64 max-w-full">
          <TextField
            label="Name of the dataset"
            value={name}
            error={name === "" ? null : nameProblem}
            onChange={(event) => setName(event.target.value)}
          />
        </div>
      )}
      <Section title="Columns">
        <MappingTable mapped={mapped} paths={paths} isFixed={target !== null} onChange={setMapped} />
        <Checkbox
          label={
            <>
              Keep each call's reference in <code>{SOURCE}</code>
            </>
          }
          hint="So that a row leads back to its trace, and no call is added twice."
          checked={withSource}
          onChange={setWithSource}
        />
      </Section>
      <Section
        title="Preview"
        lead={
          rows.length > PREVIEWED ? `The first ${PREVIEWED} of ${plural(rows.length, "row")}.` : undefined
        }
      >
        <RowsEditor label="Rows to be published" columns={columnsOf(preview)} rows={preview} />
      </Section>
      {skipped > 0 && (
        <p className="text-muted">
          {plural(skipped, "call")} left out: the dataset has rows of them already.
        </p>
      )}
      {publish.error && <ErrorState error={publish.error} />}
      <div className="flex flex-wrap items-center gap-3">
        <Button
          kind="primary"
          busy={publish.isPending}
          disabled={rows.length === 0 || mappingProblem(mapped) !== null || nameProblem !== null}
          onClick={() => publish.mutate()}
        >
          Publish {plural(rows.length, "row")}
        </Button>
        <span role="status" className="text-xs text-bad">
          {problem}
        </span>
      </div>
    </>
  );
}
