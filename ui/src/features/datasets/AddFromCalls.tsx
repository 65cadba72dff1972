import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Call } from "~/api/weave/calls";
import { findDatasets } from "~/api/weave/datasets";
import { Select } from "~/components/Field";
import { Page } from "~/components/Page";
import { EmptyState, Loaded } from "~/components/States";
import { Segmented } from "~/components/Tabs";
import { plural } from "~/lib/format";
import type { Place } from "~/lib/place";
import { CallsToRows } from "./CallsToRows";
import { MOST_CALLS, readCalls } from "./mapping";
import { readTarget } from "./publish";

interface AddFromCallsProps {
  place: Place;
  /** The calls' ids. */
  ids: string[];
}

/** Calls become rows of a dataset: of a new one, or at the end of one that there is. */
export function AddFromCalls({ place, ids }: AddFromCallsProps) {
  const of = `${place.team}/${place.project}`;
  const calls = useQuery({
    queryKey: ["datasets", of, "calls", ids],
    queryFn: ({ signal }) => readCalls(of, ids, signal),
    enabled: ids.length > 0,
  });
  return (
    <Page
      title="Add to a dataset"
      lead={`${plural(Math.min(ids.length, MOST_CALLS), "call")} to make rows of. Choose what goes into which column.`}
    >
      {ids.length === 0 ? (
        <EmptyState title="No calls chosen">Select calls in Traces, then choose “Add to dataset”.</EmptyState>
      ) : (
        <Loaded query={calls}>
          {(found) =>
            found.length === 0 ? (
              <EmptyState title="These calls are not there">
                They were deleted, or are still on their way.
              </EmptyState>
            ) : (
              <Choice place={place} calls={found} />
            )
          }
        </Loaded>
      )}
      {ids.length > MOST_CALLS && (
        <p className="text-xs text-muted">
          Only the first {MOST_CALLS.toLocaleString("en")} of {ids.length.toLocaleString("en")}: choose the
          others once more.
        </p>
      )}
    </Page>
  );
}

function Choice({ place, calls }: { place: Place; calls: Call[] }) {
  const of = `${place.team}/${place.project}`;
  const [kind, setKind] = useState<"new" | "existing">("new");
  const [name, setName] = useState("");
  const datasets = useQuery({
    queryKey: ["datasets", of, "names"],
    queryFn: ({ signal }) => findDatasets(of, signal),
  });
  const target = useQuery({
    queryKey: ["datasets", of, "target", name],
    queryFn: ({ signal }) => readTarget(of, name, signal),
    enabled: kind === "existing" && name !== "",
  });
  const names = (datasets.data ?? []).map((one) => one.object_id);
  return (
    <>
      <div className="flex flex-wrap items-end gap-3">
        <Segmented
          label="Where to"
          value={kind}
          options={[
            { value: "new", label: "New dataset" },
            { value: "existing", label: "Existing dataset" },
          ]}
          onChange={setKind}
        />
        {kind === "existing" && (
          <div className="w-64 max-w-full">
            <Select
              label="Dataset"
              hideLabel
              value={name}
              options={[
                { value: "", label: names.length > 0 ? "Choose a dataset…" : "There is none yet" },
                ...names.map((one) => ({ value: one, label: one })),
              ]}
              onChange={setName}
            />
          </div>
        )}
      </div>
      {kind === "new" && <CallsToRows key="new" place={place} calls={calls} target={null} taken={names} />}
      {kind === "existing" && name !== "" && (
        <Loaded query={target}>
          {(found) => <CallsToRows key={name} place={place} calls={calls} target={found} taken={[]} />}
        </Loaded>
      )}
    </>
  );
}
