import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { GitCompare, MessagesSquare, MoreHorizontal, Pencil, TableProperties } from "lucide-react";
import { type ReactNode, useState } from "react";
import { asApiError } from "~/api/errors";
import { type Call, deleteCalls } from "~/api/weave/calls";
import { Button, buttonClass, IconButton } from "~/components/Button";
import { CopyButton } from "~/components/Copy";
import { type Conversation, requestOf } from "~/components/chat/chat";
import { ConfirmDialog } from "~/components/Dialog";
import { Ago, Money, Tokens } from "~/components/Figures";
import { Menu, MenuItem } from "~/components/Menu";
import { toast } from "~/components/Toasts";
import { copyText } from "~/lib/clipboard";
import { duration, plural } from "~/lib/format";
import type { CallActions } from "./CallPage";
import { costOf } from "./money";
import { RenameDialog } from "./RenameDialog";
import { StatusMark } from "./StatusMark";
import type { Trace } from "./tree";

interface CallHeaderProps {
  of: string;
  id: string;
  trace: Trace;
  at: number;
  /** Null while it is asked for. */
  call: Call | null;
  chat: Conversation | null;
  actions: CallActions;
}

/** Its name, the figures that one looks for first, and what can be done with it. */
export function CallHeader({ of, id, trace, at, call, chat, actions }: CallHeaderProps) {
  const [dialog, setDialog] = useState<"rename" | "delete" | null>(null);
  const { outline } = trace;
  const name = trace.names[at] ?? id;
  const close = () => setDialog(null);
  return (
    <header className="flex shrink-0 flex-col gap-2 px-4 pt-3 pb-2">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <StatusMark status={outline.statuses[outline.status[at] ?? 0] ?? "running"} />
        <h1 className="min-w-0 truncate text-base font-semibold" title={name}>
          {name}
        </h1>
        <IconButton label="Rename" onClick={() => setDialog("rename")}>
          <Pencil aria-hidden className="size-3.5" />
        </IconButton>
        <span className="ml-auto flex flex-wrap gap-1.5">
          {call && chat && (
            <Button
              kind="primary"
              small
              busy={actions.isOpening}
              onClick={() => actions.openInPlayground(requestOf(call.inputs, chat))}
            >
              <MessagesSquare aria-hidden className="size-3.5" /> Open chat in Playground
            </Button>
          )}
          <a className={buttonClass("plain", true)} href={`/${of}/weave/datasets/add?calls=${id}`}>
            <TableProperties aria-hidden className="size-3.5" /> Add to dataset
          </a>
          <Menu
            label="More"
            button={
              <IconButton label="More" className="border border-line">
                <MoreHorizontal aria-hidden className="size-4" />
              </IconButton>
            }
          >
            <MenuItem render={<a href={`/${of}/weave/compare?calls=${id}`} />}>
              <GitCompare aria-hidden className="size-3.5" /> Compare
            </MenuItem>
            <MenuItem onSelect={() => void copyLink(of, id)}>Copy link</MenuItem>
            <MenuItem onSelect={() => setDialog("delete")}>Delete</MenuItem>
          </Menu>
        </span>
      </div>
      <Facts trace={trace} at={at} call={call} id={id} of={of} />
      {dialog === "rename" && (
        <RenameDialog of={of} id={id} name={outline.display_names[id] ?? ""} onClose={close} />
      )}
      {dialog === "delete" && <DeleteDialog of={of} id={id} trace={trace} at={at} onClose={close} />}
    </header>
  );
}

async function copyLink(of: string, id: string): Promise<void> {
  const done = await copyText(`${window.location.origin}/${of}/r/call/${id}`);
  toast(
    done ? "Link copied" : "The browser did not allow copying. Copy the address instead.",
    done ? "good" : "bad",
  );
}

interface FactsProps {
  trace: Trace;
  at: number;
  call: Call | null;
  id: string;
  of: string;
}

function Facts({ trace, at, call, id, of }: FactsProps) {
  const { outline, spent } = trace;
  const took = outline.lengths_us[at];
  const began = new Date((outline.began_at_us + (outline.starts_us[at] ?? 0)) / 1000).toISOString();
  const tokens = (spent.input[at] ?? 0) + (spent.output[at] ?? 0);
  const charged = call ? costOf(call) : null;
  const cost = charged?.isCharged ? charged.nanoUsd : (spent.costs[at] ?? null);
  const facts: [string, ReactNode][] = [
    ["Started", <Ago key="at" at={began} />],
    ["Latency", typeof took === "number" ? duration(took / 1e6) : "running"],
    ["Tokens", tokens > 0 ? <Tokens key="tokens" value={tokens} /> : null],
    [charged?.isCharged ? "Charged" : "Cost", cost === null ? null : <Money key="cost" nanoUsd={cost} />],
    ["User", call?.wb_username || call?.wb_user_id],
    ["Run", call?.wb_run_id ? <RunLink key="run" run={call.wb_run_id} of={of} /> : null],
    [
      "ID",
      <span key="id" className="inline-flex items-center">
        <code className="max-w-40 truncate font-mono" title={id}>
          {id}
        </code>
        <CopyButton text={id} label="Copy call ID" />
      </span>,
    ],
  ];
  return (
    <dl className="flex flex-wrap items-center gap-x-4 gap-y-0.5 text-xs">
      {facts.map(([name, value]) =>
        value ? (
          <div key={name} className="flex items-center gap-1.5">
            <dt className="text-muted">{name}</dt>
            <dd>{value}</dd>
          </div>
        ) : null,
      )}
    </dl>
  );
}

/** `team/project/run`, as the client tells it. */
function RunLink({ run, of }: { run: string; of: string }) {
  const name = run.split("/").at(-1) ?? run;
  return (
    <a href={`/${of}/runs/${encodeURIComponent(name)}`} className="text-accent hover:underline">
      {name}
    </a>
  );
}

interface DeleteDialogProps {
  of: string;
  id: string;
  trace: Trace;
  at: number;
  onClose: () => void;
}

function DeleteDialog({ of, id, trace, at, onClose }: DeleteDialogProps) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [team = "", project = ""] = of.split("/");
  const parent = trace.outline.ids[trace.parents[at] ?? -1];
  const below = trace.below[at] ?? 0;
  const remove = useMutation({
    mutationFn: () => deleteCalls(of, [id]),
    onSuccess: async () => {
      toast("The call is deleted");
      onClose();
      if (parent === undefined) await navigate({ to: "/$team/$project/weave", params: { team, project } });
      else {
        const to = "/$team/$project/r/call/$callId";
        await navigate({ to, params: { team, project, callId: parent }, replace: true });
      }
      void queries.invalidateQueries({ queryKey: ["weave", of] });
    },
    onError: (error) => toast(asApiError(error).message, "bad"),
  });
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      title={`Delete ${trace.names[at]}?`}
      verb="Delete"
      onConfirm={() => remove.mutate()}
      busy={remove.isPending}
    >
      {below > 0 ? `The call and ${plural(below, "call")} inside it go` : "The call goes"} for good, with all
      feedback on it. What was charged stays in the books.
    </ConfirmDialog>
  );
}
