import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { Button } from "~/components/Button";
import { Dialog } from "~/components/Dialog";
import { Loaded } from "~/components/States";
import { AddModelForm } from "./AddModelForm";
import { DownloadList } from "./DownloadList";
import { isOver, share } from "./downloads";
import { downloadsQuery } from "./queries";

/** For administrators: the way to add models, which tells of downloads under way. */
export function AddModelButton() {
  const [open, setOpen] = useState(false);
  const downloads = useQuery(downloadsQuery);
  const active = downloads.data?.downloads.filter((one) => !isOver(one)) ?? [];
  const first = active[0];
  return (
    <>
      <Button onClick={() => setOpen(true)}>
        <Plus aria-hidden className="size-4" />
        Add a model
        {first && (
          <span className="text-muted">
            {active.length === 1 ? `· ${share(first).toFixed(0)} %` : `· ${active.length} downloading`}
          </span>
        )}
      </Button>
      <AddModelDialog open={open} onClose={() => setOpen(false)} />
    </>
  );
}

interface AddModelDialogProps {
  open: boolean;
  onClose: () => void;
  /** A model of the catalog whose weights are wanted; without it a new model is asked for. */
  model?: string;
}

export function AddModelDialog({ open, onClose, model }: AddModelDialogProps) {
  const downloads = useQuery({ ...downloadsQuery, enabled: open });
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={model ? `Download the weights of ${model}` : "Add a model"}
      wide
    >
      <Loaded query={downloads}>
        {(data) => (
          <div className="flex flex-col gap-5">
            <AddModelForm source={data.source} hasToken={data.has_token} model={model ?? ""} />
            <DownloadList downloads={data.downloads} />
          </div>
        )}
      </Loaded>
    </Dialog>
  );
}
