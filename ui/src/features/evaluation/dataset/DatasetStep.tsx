import { type ReactNode, useState } from "react";
import { Button } from "~/components/Button";
import { ConfirmDialog } from "~/components/Dialog";
import { RowsFile } from "~/components/rows/RowsFile";
import { Segmented } from "~/components/Tabs";
import type { Place } from "~/lib/place";
import { guessRoles, newDataset } from "../draft/make";
import type { DatasetDraft, Draft, Missing } from "../draft/types";
import type { ChangeDraft } from "../draft/useDraft";
import { Step } from "../Step";
import { DatasetEditor } from "./DatasetEditor";
import { DatasetPicker } from "./DatasetPicker";

interface DatasetStepProps {
  place: Place;
  draft: Draft;
  change: ChangeDraft;
  missing: Missing[];
  /** The draft is too large for this tab's memory of it. */
  isKept: boolean;
}

type Way = "file" | "new" | "existing";

/** The rows: from a file, typed, or of a dataset that is there. */
export function DatasetStep({ place, draft, change, missing, isKept }: DatasetStepProps) {
  const [isLeaving, setLeaving] = useState(false);
  const { dataset } = draft;
  const take = (taken: DatasetDraft) => {
    const { field, target } = guessRoles(taken.sheet?.columns ?? []);
    change((now) => ({ dataset: taken, input: { ...now.input, field }, target }));
  };
  const leave = () => {
    setLeaving(false);
    change({ dataset: null });
  };
  return (
    <Step
      step="dataset"
      number={1}
      title="Dataset"
      lead="The rows that every model is asked about, as a version that stays as it is."
      missing={missing}
      actions={
        dataset && (
          <Button small onClick={() => (dataset.published ? leave() : setLeaving(true))}>
            Use other rows
          </Button>
        )
      }
    >
      {dataset ? (
        <DatasetEditor key={dataset.key} place={place} draft={draft} dataset={dataset} change={change} />
      ) : (
        <Beginnings place={place} onTake={take} />
      )}
      {!isKept && (
        <p className="text-xs text-warn">
          These rows are too many to be kept over a reload. Publish the dataset to keep them.
        </p>
      )}
      <ConfirmDialog
        open={isLeaving}
        onClose={() => setLeaving(false)}
        title="Use other rows?"
        verb="Drop these rows"
        onConfirm={leave}
      >
        These rows are not published: they are lost.
      </ConfirmDialog>
    </Step>
  );
}

function Beginnings({ place, onTake }: { place: Place; onTake: (dataset: DatasetDraft) => void }) {
  const [way, setWay] = useState<Way>("file");
  const empty = () =>
    newDataset("my-dataset", {
      columns: [
        { name: "input", type: "text" },
        { name: "expected", type: "text" },
      ],
      rows: Array.from({ length: 3 }, () => ({ input: "", expected: "" })),
    });
  const ways: Record<Way, ReactNode> = {
    file: (
      <RowsFile
        onRead={({ columns, rows, notes }, name) => onTake(newDataset(name, { columns, rows }, { notes }))}
      />
    ),
    new: (
      <div className="flex flex-col items-start gap-2">
        <p className="text-muted">
          A table with the columns input and expected, to type or paste into from a spreadsheet.
        </p>
        <Button onClick={() => onTake(empty())}>Make a table</Button>
      </div>
    ),
    existing: <DatasetPicker place={place} onTake={onTake} />,
  };
  return (
    <>
      <Segmented
        label="Where the rows come from"
        value={way}
        options={[
          { value: "file", label: "A file" },
          { value: "new", label: "New rows" },
          { value: "existing", label: "A dataset of this project" },
        ]}
        onChange={setWay}
      />
      {ways[way]}
    </>
  );
}
