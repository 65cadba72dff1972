import { useMutation, useQuery } from "@tanstack/react-query";
import { type Call, countCalls, deleteCalls } from "~/api/weave/calls";
import { callName } from "~/api/weave/told";
import { ConfirmDialog } from "~/components/Dialog";
import { ErrorState } from "~/components/States";
import { toast } from "~/components/Toasts";
import { count, plural } from "~/lib/format";

interface DeleteDialogProps {
  project: string;
  calls: Call[];
  onClose: () => void;
  onDeleted: () => void;
}

const AT_ONCE = 1_000;
const COUNTED = 1_000_000;
const NAMED = 5;

/** Asks before calls are deleted, and says what goes with them. */
export function DeleteDialog({ project, calls, onClose, onDeleted }: DeleteDialogProps) {
  const roots = calls.filter((call) => !call.parent_id);
  const traces = [...new Set(roots.map((call) => call.trace_id))].slice(0, AT_ONCE);
  const whole = useQuery({
    queryKey: ["traces-size", project, traces],
    queryFn: ({ signal }) => countCalls(project, { filter: { trace_ids: traces }, limit: COUNTED }, signal),
    enabled: traces.length > 0,
  });
  const remove = useMutation({
    mutationFn: async () => {
      const ids = calls.map((call) => call.id);
      for (let at = 0; at < ids.length; at += AT_ONCE)
        await deleteCalls(project, ids.slice(at, at + AT_ONCE));
    },
    onSuccess: () => {
      toast(`${plural(calls.length, "call")} deleted.`);
      onDeleted();
    },
  });
  const others = calls.length - roots.length;
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      title={`Delete ${plural(calls.length, "call")}?`}
      verb="Delete"
      busy={remove.isPending}
      onConfirm={() => remove.mutate()}
    >
      <div className="flex flex-col gap-3">
        <ul className="list-disc pl-5">
          {calls.slice(0, NAMED).map((call) => (
            <li key={call.id} className="break-all">
              {callName(call)}
            </li>
          ))}
          {calls.length > NAMED && <li>and {count(calls.length - NAMED)} more</li>}
        </ul>
        {roots.length > 0 && (
          <p>
            {plural(roots.length, "whole trace")} {roots.length === 1 ? "goes" : "go"}, with all calls inside
            {whole.data ? `: ${plural(whole.data.count, "call")} in all.` : "."}
          </p>
        )}
        {others > 0 && <p>{plural(others, "call")} inside of traces, with every call below.</p>}
        <p>
          Inputs, outputs, token counts and figures of these calls go, too. What was charged for them stays in
          the ledger, and rows of datasets that were made of them stay. This cannot be undone.
        </p>
        {remove.error && <ErrorState error={remove.error} />}
      </div>
    </ConfirmDialog>
  );
}
