import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { asApiError } from "~/api/errors";
import { Button } from "~/components/Button";
import { ConfirmDialog, Dialog } from "~/components/Dialog";
import { Checkbox, Select } from "~/components/Field";
import { toast } from "~/components/Toasts";
import { type Project, removeProject, searchQuery, setSearch, setTrace, type TraceLevel } from "./queries";
import { TRACES } from "./words";

interface ProjectProps {
  team: string;
  project: Project;
  onClose: () => void;
}

/** What a project keeps of its requests, whether its texts are indexed, and its end. */
export function ProjectDialog({ team, project, onClose }: ProjectProps) {
  const [removing, setRemoving] = useState(false);
  const actions = (
    <>
      <Button kind="quiet" className="mr-auto text-bad" onClick={() => setRemoving(true)}>
        Remove project
      </Button>
      <Button kind="primary" onClick={onClose}>
        Done
      </Button>
    </>
  );
  // One dialog in place of the other: two at once would close each other.
  if (removing) return <RemoveDialog team={team} project={project.name} onClose={onClose} />;
  return (
    <Dialog open onClose={onClose} title={`${team}/${project.name}`} actions={actions}>
      <div className="flex flex-col gap-5">
        <TraceSetting team={team} project={project} />
        <SearchSetting team={team} project={project.name} />
      </div>
    </Dialog>
  );
}

function TraceSetting({ team, project }: { team: string; project: Project }) {
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: (trace: TraceLevel | null) => setTrace(team, project.name, trace),
    onError: (error) => toast(asApiError(error).message, "bad"),
    onSettled: () => client.invalidateQueries({ queryKey: ["team", team, "projects"] }),
  });
  const now = (save.isPending ? save.variables : project.trace) ?? "";
  return (
    <Select
      label="What requests leave in traces"
      hint={TRACES.find((one) => one.value === now)?.note}
      value={now}
      disabled={save.isPending}
      options={TRACES.map(({ value, label }) => ({ value, label }))}
      onChange={(value) => save.mutate(value === "" ? null : (value as TraceLevel))}
    />
  );
}

function SearchSetting({ team, project }: { team: string; project: string }) {
  const client = useQueryClient();
  const asked = searchQuery(team, project);
  const query = useQuery(asked);
  const save = useMutation({
    mutationFn: (search: boolean) => setSearch(team, project, search),
    onSuccess: async (status) => {
      await client.cancelQueries({ queryKey: asked.queryKey }); // it may have been asked before the change
      client.setQueryData(asked.queryKey, status);
    },
    onError: (error) => toast(asApiError(error).message, "bad"),
  });
  const status = query.data;
  if (query.isError)
    return <p className="text-muted">Texts have no index here: {asApiError(query.error).message}</p>;
  const filling = status?.search && status.state === "filling";
  return (
    <Checkbox
      asSwitch
      label="Index the texts of calls"
      hint={
        filling
          ? `The index is being made: ${Math.round(status.progress * 100)} % of it.`
          : "Searches for words in inputs and outputs become quick; it takes room on the disk."
      }
      checked={save.isPending ? Boolean(save.variables) : (status?.search ?? false)}
      disabled={!status || save.isPending}
      onChange={(search) => save.mutate(search)}
    />
  );
}

function RemoveDialog({ team, project, onClose }: { team: string; project: string; onClose: () => void }) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => removeProject(team, project),
    onSuccess: () => {
      toast(`Removed ${team}/${project}`);
      onClose();
      void client.invalidateQueries();
    },
    onError: (error) => toast(`${asApiError(error).message}. ${asApiError(error).remedy}`, "bad"),
  });
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      title={`Remove ${team}/${project}`}
      verb="Remove project"
      typed={project}
      busy={remove.isPending}
      onConfirm={() => remove.mutate()}
    >
      Its traces, datasets and evaluations are removed for good, and keys made for it alone stop working. What
      was used stays in the team's billing.
    </ConfirmDialog>
  );
}
