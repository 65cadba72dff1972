import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { asApiError } from "~/api/errors";
import { deleteQueue, type Queue } from "~/api/weave/queues";
import { Button } from "~/components/Button";
import { ConfirmDialog } from "~/components/Dialog";
import { Page } from "~/components/Page";
import { Loaded } from "~/components/States";
import { Segmented } from "~/components/Tabs";
import { toast } from "~/components/Toasts";
import type { Place } from "~/lib/place";
import { ExportMenu } from "./export/ExportMenu";
import { QueueDialog } from "./QueueDialog";
import { queueQuery, statsQuery } from "./queries";
import { Standing } from "./Standing";
import type { QueueSearch, Shown } from "./search";
import { Work } from "./Work";

interface QueuePageProps {
  place: Place;
  id: string;
  mayWrite: boolean;
  search: QueueSearch;
  onSearch: (search: QueueSearch) => void;
  /** It was deleted. */
  onGone: () => void;
}

/** One queue: its calls, one after the other, and what is asked about each. */
export function QueuePage({ place, id, mayWrite, search, onSearch, onGone }: QueuePageProps) {
  const of = `${place.team}/${place.project}`;
  const queue = useQuery(queueQuery(of, id));
  const stats = useQuery({ ...statsQuery(of, [id]), enabled: queue.data !== undefined });
  const shown: Shown = search.show ?? "todo";
  return (
    <Page
      title={queue.data?.name ?? "Annotation queue"}
      lead={
        <>
          <Link
            to="/$team/$project/weave/annotation-queues"
            params={place}
            className="text-accent hover:underline"
          >
            All queues
          </Link>
          {queue.data?.description && <span className="ml-3">{queue.data.description}</span>}
        </>
      }
      actions={
        queue.data && (
          <>
            <ExportMenu of={of} queue={queue.data} />
            {mayWrite && <Actions of={of} queue={queue.data} onGone={onGone} />}
          </>
        )
      }
      wide
    >
      <Loaded query={queue}>
        {(found) => (
          <>
            <div className="flex flex-wrap items-center gap-x-6 gap-y-2">
              <Standing name={found.name} stats={stats.data?.[0]} />
              <Segmented<Shown>
                label="Which calls"
                value={shown}
                options={[
                  { value: "todo", label: "To do" },
                  { value: "done", label: "Done" },
                  { value: "all", label: "All" },
                ]}
                onChange={(show) => onSearch(show === "todo" ? {} : { show })}
              />
            </div>
            <Work
              key={shown}
              place={place}
              queue={found}
              shown={shown}
              mayWrite={mayWrite}
              itemId={search.item ?? null}
              onItem={(item) => onSearch({ ...search, item })}
            />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Actions({ of, queue, onGone }: { of: string; queue: Queue; onGone: () => void }) {
  const [open, setOpen] = useState<"edit" | "delete" | null>(null);
  const cache = useQueryClient();
  const remove = useMutation({
    mutationFn: () => deleteQueue(of, queue.id),
    onSuccess: async () => {
      onGone();
      cache.removeQueries({ queryKey: ["queues", of, "one", queue.id] });
      await cache.invalidateQueries({ queryKey: ["queues", of, "list"] });
      toast(`${queue.name} is deleted.`);
    },
    onError: (error) => toast(asApiError(error).message, "bad"),
  });
  return (
    <>
      <Button onClick={() => setOpen("delete")}>Delete</Button>
      <Button onClick={() => setOpen("edit")}>Edit</Button>
      {open === "edit" && (
        <QueueDialog of={of} queue={queue} onClose={() => setOpen(null)} onDone={() => setOpen(null)} />
      )}
      <ConfirmDialog
        open={open === "delete"}
        onClose={() => setOpen(null)}
        title={`Delete ${queue.name}?`}
        verb="Delete"
        busy={remove.isPending}
        onConfirm={() => remove.mutate()}
      >
        Nobody finds the queue any more. What was answered stays as feedback on the calls.
      </ConfirmDialog>
    </>
  );
}
