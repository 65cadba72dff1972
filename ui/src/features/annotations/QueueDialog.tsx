import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { createQueue, type QueueWanted, updateQueue } from "~/api/weave/queues";
import { Button } from "~/components/Button";
import { Dialog } from "~/components/Dialog";
import { ErrorState } from "~/components/States";
import { QueueFields } from "./QueueFields";

export const NO_QUEUE: QueueWanted = { name: "", description: "", scorer_refs: [] };

interface QueueDialogProps {
  of: string;
  /** The queue to change; a new one if not given. */
  queue?: QueueWanted & { id: string };
  onClose: () => void;
  onDone: (id: string) => void;
}

/** Makes a queue, or changes one. */
export function QueueDialog({ of, queue, onClose, onDone }: QueueDialogProps) {
  const [value, setValue] = useState<QueueWanted>(queue ?? NO_QUEUE);
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: () => {
      const { name, description, scorer_refs } = value;
      const wanted = { name: name.trim(), description, scorer_refs };
      return queue ? updateQueue(of, queue.id, wanted) : createQueue(of, wanted);
    },
    onSuccess: async ({ id }) => {
      await queries.invalidateQueries({ queryKey: ["queues", of] });
      onDone(id);
    },
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={queue ? `Edit ${queue.name}` : "New annotation queue"}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            kind="primary"
            busy={save.isPending}
            disabled={value.name.trim() === ""}
            onClick={() => save.mutate()}
          >
            {queue ? "Save" : "Make queue"}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <QueueFields of={of} value={value} onChange={setValue} />
        {save.error && <ErrorState error={save.error} />}
      </div>
    </Dialog>
  );
}
