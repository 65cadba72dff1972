import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { ObjectVersion } from "~/api/weave/objects";
import { Button } from "~/components/Button";
import { Select } from "~/components/Field";
import { EmptyState, ErrorState, Loaded } from "~/components/States";
import { stamp } from "~/lib/format";
import type { Place } from "~/lib/place";
import type { DatasetDraft } from "../draft/types";
import { datasetsQuery, versionsQuery } from "../queries";
import { openDataset } from "./rows";

interface DatasetPickerProps {
  place: Place;
  onTake: (dataset: DatasetDraft) => void;
}

/** A dataset of the project, and which of its versions. */
export function DatasetPicker({ place, onTake }: DatasetPickerProps) {
  const datasets = useQuery(datasetsQuery(place));
  return (
    <Loaded query={datasets}>
      {(found) =>
        found.length === 0 ? (
          <EmptyState title="No datasets in this project yet">
            Open a file, make a table, or publish one with <code>weave.publish(weave.Dataset(...))</code>.
          </EmptyState>
        ) : (
          <Choice place={place} datasets={found} onTake={onTake} />
        )
      }
    </Loaded>
  );
}

function Choice({ place, datasets, onTake }: DatasetPickerProps & { datasets: ObjectVersion[] }) {
  const [id, setId] = useState(datasets[0]?.object_id ?? "");
  const [digest, setDigest] = useState("");
  const { data: versions } = useQuery(versionsQuery(place, id));
  const open = useMutation({
    mutationFn: () => openDataset(`${place.team}/${place.project}`, id, digest || "latest"),
    onSuccess: onTake,
  });
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-end gap-3">
        <div className="w-64 max-w-full">
          <Select
            label="Dataset"
            value={id}
            options={datasets.map((one) => ({ value: one.object_id, label: one.object_id }))}
            onChange={(chosen) => {
              setId(chosen);
              setDigest("");
            }}
          />
        </div>
        <div className="w-64 max-w-full">
          <Select
            label="Version"
            value={digest}
            options={[
              { value: "", label: "The latest" },
              ...(versions ?? []).map((one) => ({
                value: one.digest,
                label: `v${one.version_index}, ${stamp(new Date(one.created_at))}`,
              })),
            ]}
            onChange={setDigest}
          />
        </div>
        <Button busy={open.isPending} onClick={() => open.mutate()}>
          Use these rows
        </Button>
      </div>
      {open.error !== null && <ErrorState error={open.error} />}
    </div>
  );
}
