import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { X } from "lucide-react";
import { useEffect } from "react";
import { catalogQuery } from "~/api/catalog";
import { api, must } from "~/api/client";
import { asApiError } from "~/api/errors";
import { Badge } from "~/components/Badge";
import { Button, IconButton } from "~/components/Button";
import { toast } from "~/components/Toasts";
import { canResume, type Download, isOver, progressText, share, stageName } from "./downloads";
import { downloadsQuery, stagesQuery } from "./queries";

/** Every download that the server remembers. */
export function DownloadList({ downloads }: { downloads: readonly Download[] }) {
  const client = useQueryClient();
  const done = downloads.filter((one) => one.stage === "done").length;
  useEffect(() => {
    if (done > 0) void client.invalidateQueries({ queryKey: catalogQuery.queryKey });
    if (done > 0) void client.invalidateQueries({ queryKey: stagesQuery.queryKey });
  }, [done, client]);
  if (downloads.length === 0) return null;
  return (
    <section aria-label="Downloads" className="flex flex-col gap-2">
      <h3>Downloads</h3>
      <ul className="flex flex-col gap-2">
        {downloads.map((one) => (
          <DownloadRow key={one.id} one={one} />
        ))}
      </ul>
    </section>
  );
}

type Verb = "cancel" | "resume" | "forget";

function useDownload(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (verb: Verb): Promise<unknown> => {
      const given = { params: { path: { id } } };
      if (verb === "forget") return must(api.DELETE("/api/models/downloads/{id}", given));
      if (verb === "cancel") return must(api.POST("/api/models/downloads/{id}/cancel", given));
      return must(api.POST("/api/models/downloads/{id}/resume", given));
    },
    onError: (error) => toast(asApiError(error).message, "bad"),
    onSettled: () => client.invalidateQueries({ queryKey: downloadsQuery.queryKey }),
  });
}

function DownloadRow({ one }: { one: Download }) {
  const act = useDownload(one.id);
  const tone = one.stage === "failed" ? "bad" : one.stage === "done" ? "good" : "plain";
  return (
    <li className="flex flex-col gap-1.5 rounded-lg border border-line p-3">
      <div className="flex flex-wrap items-center gap-2">
        <span className="min-w-0 flex-1 font-medium break-all">{one.model}</span>
        <Badge tone={isOver(one) ? tone : "accent"}>{stageName(one.stage)}</Badge>
        {!isOver(one) && (
          <Button
            small
            busy={act.isPending}
            disabled={one.stage === "cancelling"}
            onClick={() => act.mutate("cancel")}
          >
            Cancel
          </Button>
        )}
        {canResume(one) && (
          <Button small busy={act.isPending} onClick={() => act.mutate("resume")}>
            Resume
          </Button>
        )}
        {isOver(one) && (
          <IconButton label={`Take ${one.model} off the list`} onClick={() => act.mutate("forget")}>
            <X aria-hidden className="size-3.5" />
          </IconButton>
        )}
      </div>
      {one.stage !== "done" && (
        <>
          <div
            role="progressbar"
            aria-label={`Download of ${one.model}`}
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={Math.round(share(one))}
            aria-valuetext={progressText(one)}
            className="h-1.5 overflow-hidden rounded-full bg-hover"
          >
            <div
              className="h-full rounded-full bg-accent-solid transition-[width]"
              style={{ width: `${share(one)}%` }}
            />
          </div>
          <div className="text-xs text-muted">{progressText(one)}</div>
        </>
      )}
      {one.failure && (
        <p role="alert" className="text-xs break-words text-bad">
          {one.failure.message}. {one.failure.remedy}.
        </p>
      )}
      {one.served && (
        <p className="text-xs break-words text-muted">
          {one.served.now ? (
            <>
              Served now:{" "}
              <Link to="/catalog/$" params={{ _splat: one.model }} className="text-accent hover:underline">
                {one.model}
              </Link>
            </>
          ) : (
            one.served.why_not
          )}
        </p>
      )}
    </li>
  );
}
