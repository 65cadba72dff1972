import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type PublishedDataset, publishDataset } from "~/api/weave/datasets";
import { Badge } from "~/components/Badge";
import { Button } from "~/components/Button";
import { Progress } from "~/components/Figures";
import { ErrorState } from "~/components/States";
import { toast } from "~/components/Toasts";
import type { Place } from "~/lib/place";
import type { DatasetDraft } from "../draft/types";
import { datasetsQuery } from "../queries";

interface PublishDatasetProps {
  place: Place;
  dataset: DatasetDraft;
  onPublished: (published: PublishedDataset) => void;
}

/** Keeps the rows as a version of a dataset that the Weave client can read. */
export function PublishDataset({ place, dataset, onPublished }: PublishDatasetProps) {
  const cache = useQueryClient();
  const [share, setShare] = useState(0);
  const publish = useMutation({
    mutationFn: () =>
      publishDataset(
        `${place.team}/${place.project}`,
        {
          name: dataset.name.trim(),
          description: dataset.description || null,
          rows: dataset.sheet?.rows ?? [],
        },
        setShare,
      ),
    onMutate: () => setShare(0),
    onSuccess: (published) => {
      onPublished(published);
      toast(`${published.id} is published.`);
      return cache.invalidateQueries(datasetsQuery(place));
    },
  });
  if (dataset.published)
    return (
      <div className="flex h-8 items-center gap-2">
        <Badge tone="good">published</Badge>
        <code className="text-xs text-muted" title={dataset.published.ref}>
          {dataset.published.id}:{dataset.published.digest.slice(0, 8)}
        </code>
      </div>
    );
  const canPublish = dataset.sheet !== null && dataset.sheet.rows.length > 0 && dataset.name.trim() !== "";
  return (
    <>
      <div className="flex h-8 items-center gap-2">
        <Button
          kind="primary"
          busy={publish.isPending}
          disabled={!canPublish}
          onClick={() => publish.mutate()}
        >
          Publish dataset
        </Button>
        {publish.isPending ? (
          <div className="w-28">
            <Progress percent={share * 100} label="Rows that are published" />
          </div>
        ) : (
          <Badge tone="warn">not published</Badge>
        )}
      </div>
      {publish.error !== null && (
        <div className="w-full">
          <ErrorState error={publish.error} />
        </div>
      )}
    </>
  );
}
