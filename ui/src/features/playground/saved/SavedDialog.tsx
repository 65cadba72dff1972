import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { meQuery } from "~/api/queries";
import { Badge } from "~/components/Badge";
import { IconButton } from "~/components/Button";
import { ConfirmDialog, Dialog } from "~/components/Dialog";
import { Ago } from "~/components/Figures";
import { EmptyState, ErrorState, Loaded } from "~/components/States";
import { type Column, Table } from "~/components/Table";
import { toast } from "~/components/Toasts";
import type { Place } from "~/lib/place";
import { mayWrite } from "~/lib/rights";
import { deleteSaved, type SavedModel, savedQuery } from "./queries";

interface SavedDialogProps {
  place: Place;
  open: boolean;
  onClose: () => void;
}

/** The saved models of the project, to look through and to delete. */
export function SavedDialog({ place, open, onClose }: SavedDialogProps) {
  return (
    <Dialog open={open} onClose={onClose} title="Saved models" wide>
      <SavedTable place={place} />
    </Dialog>
  );
}

function SavedTable({ place }: { place: Place }) {
  const query = useQuery(savedQuery(place));
  const { data: me } = useQuery(meQuery);
  const [going, setGoing] = useState<SavedModel | null>(null);
  const onDelete = me && mayWrite(me, place.team) ? setGoing : null;
  return (
    <>
      <Loaded query={query}>
        {(models) => (
          <Table
            label="Saved models"
            columns={columnsOf(onDelete)}
            rows={models}
            rowKey={(one) => one.object_id}
            empty={
              <EmptyState title="This project has no saved model">
                Publish one in the settings of a chat: it keeps model, settings and prompt.
              </EmptyState>
            }
          />
        )}
      </Loaded>
      {going && <DeleteSaved place={place} saved={going} onClose={() => setGoing(null)} />}
    </>
  );
}

function columnsOf(onDelete: ((saved: SavedModel) => void) | null): Column<SavedModel>[] {
  const columns: Column<SavedModel>[] = [
    {
      id: "name",
      header: "Name",
      cell: (one) => (
        <div className="flex flex-col gap-0.5">
          <span className="flex items-center gap-2">
            <span className="max-w-48 truncate font-medium" title={one.name}>
              {one.name}
            </span>
            <Badge>{`v${one.version_index}`}</Badge>
          </span>
          <span className="text-xs break-all text-muted sm:hidden">
            {one.llm_model_id}, <Ago at={one.created_at} />
          </span>
        </div>
      ),
    },
    {
      id: "model",
      header: "Model",
      hideBelow: "sm",
      cell: (one) => (
        <span className="block max-w-56 truncate" title={one.llm_model_id}>
          {one.llm_model_id}
        </span>
      ),
    },
    { id: "saved", header: "Saved", hideBelow: "sm", cell: (one) => <Ago at={one.created_at} /> },
  ];
  if (onDelete === null) return columns;
  const remove: Column<SavedModel> = {
    id: "actions",
    header: "Actions",
    hideHeader: true,
    numeric: true,
    cell: (one) => (
      <IconButton label={`Delete ${one.name}`} onClick={() => onDelete(one)}>
        <Trash2 aria-hidden className="size-4" />
      </IconButton>
    ),
  };
  return [...columns, remove];
}

function DeleteSaved({ place, saved, onClose }: { place: Place; saved: SavedModel; onClose: () => void }) {
  const cache = useQueryClient();
  const remove = useMutation({
    mutationFn: () => deleteSaved(place, saved.object_id),
    onSuccess: async () => {
      await cache.invalidateQueries(savedQuery(place));
      toast(`${saved.name} is deleted.`);
      onClose();
    },
  });
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      title={`Delete ${saved.name}`}
      verb="Delete"
      busy={remove.isPending}
      onConfirm={() => remove.mutate()}
    >
      <div className="flex flex-col gap-2">
        <p>
          It is gone for good{saved.version_index > 0 && ", with all its versions"}. Chats that use it keep
          their model, settings and prompt; results of evaluations stay. Programs that read{" "}
          <code className="break-all">{saved.ref.replace(/:[^:]*$/, "")}</code> no longer find it.
        </p>
        {remove.error !== null && <ErrorState error={remove.error} />}
      </div>
    </ConfirmDialog>
  );
}
