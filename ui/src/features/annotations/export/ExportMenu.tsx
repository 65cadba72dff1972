import { useMutation } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { asApiError } from "~/api/errors";
import type { Queue } from "~/api/weave/queues";
import { Button } from "~/components/Button";
import { Menu, MenuItem } from "~/components/Menu";
import { toast } from "~/components/Toasts";
import { saveAs } from "~/lib/saveAs";
import type { Format } from "./lines";
import { exported } from "./run";

const FORMATS: { format: Format; label: string; does: string }[] = [
  { format: "csv", label: "CSV", does: "A row for each item and annotator, a column for each question." },
  { format: "jsonl", label: "JSONL", does: "A line for each item, with all its annotations." },
];

/** Takes all items of a queue elsewhere, with their calls and what was answered about them. */
export function ExportMenu({ of, queue }: { of: string; queue: Queue }) {
  const run = useMutation({
    mutationFn: (format: Format) => exported(of, queue, format),
    onSuccess: (file, format) => saveAs(file, `${queue.name.replaceAll(/[^\w.-]+/g, "-")}.${format}`),
    onError: (error) => toast(asApiError(error).message, "bad"),
  });
  return (
    <Menu
      label="Export"
      button={
        <Button busy={run.isPending}>
          {!run.isPending && <Download aria-hidden className="size-4" />}
          Export
        </Button>
      }
    >
      {FORMATS.map(({ format, label, does }) => (
        <MenuItem key={format} onSelect={() => run.mutate(format)}>
          <span className="max-w-72 min-w-0">
            <span className="block">{label}</span>
            <span className="block text-2xs text-muted">{does}</span>
          </span>
        </MenuItem>
      ))}
    </Menu>
  );
}
