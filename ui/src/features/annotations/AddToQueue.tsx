import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { addCalls, createQueue } from "~/api/weave/queues";
import { Button } from "~/components/Button";
import { Checkbox, Select } from "~/components/Field";
import { Page } from "~/components/Page";
import { EmptyState, ErrorState, Loaded } from "~/components/States";
import { Segmented } from "~/components/Tabs";
import { toast } from "~/components/Toasts";
import { count, plural } from "~/lib/format";
import type { Place } from "~/lib/place";
import { fieldsOf } from "./items";
import { NO_QUEUE } from "./QueueDialog";
import { QueueFields } from "./QueueFields";
import { queuesQuery, someCallsQuery } from "./queries";

interface AddToQueueProps {
  place: Place;
  /** The calls' ids. */
  ids: string[];
  onAdded: (queue: string) => void;
}

/** Calls are put in a queue: in a new one, or in one that there is. */
export function AddToQueue({ place, ids, onAdded }: AddToQueueProps) {
  const of = `${place.team}/${place.project}`;
  const queues = useQuery(queuesQuery(of, ""));
  return (
    <Page title="Add to an annotation queue" lead={`${plural(ids.length, "call")} for people to judge.`}>
      {ids.length === 0 ? (
        <EmptyState title="No calls chosen">Select calls in Traces, then choose “Add to queue”.</EmptyState>
      ) : (
        <Loaded query={queues}>
          {(found) => <Choice of={of} ids={ids} queues={found} onAdded={onAdded} />}
        </Loaded>
      )}
    </Page>
  );
}

interface ChoiceProps {
  of: string;
  ids: string[];
  queues: { id: string; name: string }[];
  onAdded: (queue: string) => void;
}

function Choice({ of, ids, queues, onAdded }: ChoiceProps) {
  const [kind, setKind] = useState<"new" | "existing">(queues.length > 0 ? "existing" : "new");
  const [chosen, setChosen] = useState(queues[0]?.id ?? "");
  const [wanted, setWanted] = useState(NO_QUEUE);
  const [fields, setFields] = useState<string[]>([]);
  const made = useRef<string | null>(null);
  const cache = useQueryClient();
  const add = useMutation({
    mutationFn: async () => {
      // A queue that was made before something failed is used when it is tried again.
      if (kind === "new") made.current ??= (await createQueue(of, wanted)).id;
      const queue = kind === "new" && made.current ? made.current : chosen;
      return { queue, ...(await addCalls(of, queue, ids, fields)) };
    },
    onSuccess: async ({ queue, added_count: added, duplicates }) => {
      await cache.invalidateQueries({ queryKey: ["queues", of] });
      const before = duplicates > 0 ? ` ${count(duplicates)} were in it already.` : "";
      toast(`${plural(added, "call")} added.${before}`);
      onAdded(queue);
    },
  });
  const isReady = kind === "new" ? wanted.name.trim() !== "" : chosen !== "";
  return (
    <div className="flex max-w-2xl flex-col gap-4">
      <Segmented
        label="Where to"
        value={kind}
        options={[
          { value: "existing", label: "Existing queue" },
          { value: "new", label: "New queue" },
        ]}
        onChange={setKind}
      />
      {kind === "new" ? (
        <QueueFields of={of} value={wanted} onChange={setWanted} />
      ) : (
        <Select
          label="Queue"
          value={chosen}
          options={
            queues.length > 0
              ? queues.map(({ id, name }) => ({ value: id, label: name }))
              : [{ value: "", label: "There is none yet" }]
          }
          onChange={setChosen}
        />
      )}
      <Fields of={of} ids={ids} chosen={fields} onChange={setFields} />
      {add.error && <ErrorState error={add.error} />}
      <Button
        kind="primary"
        className="self-start"
        busy={add.isPending}
        disabled={!isReady}
        onClick={() => add.mutate()}
      >
        Add {plural(ids.length, "call")}
      </Button>
    </div>
  );
}

interface FieldsProps {
  of: string;
  ids: string[];
  chosen: string[];
  onChange: (chosen: string[]) => void;
}

function Fields({ of, ids, chosen, onChange }: FieldsProps) {
  const calls = useQuery(someCallsQuery(of, ids));
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 font-medium">What is shown of each call</legend>
      <p className="text-xs text-muted">None chosen: all inputs and the output.</p>
      <Loaded query={calls}>
        {(found) => (
          <div className="grid gap-x-4 gap-y-3 sm:grid-cols-2">
            {fieldsOf(found).map((path) => (
              <Checkbox
                key={path}
                label={<span className="font-mono text-xs break-all">{path}</span>}
                checked={chosen.includes(path)}
                onChange={(isOn) => onChange(isOn ? [...chosen, path] : chosen.filter((one) => one !== path))}
              />
            ))}
          </div>
        )}
      </Loaded>
    </fieldset>
  );
}
