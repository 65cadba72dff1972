import { useMutation } from "@tanstack/react-query";
import { api, must } from "~/api/client";
import { Badge } from "~/components/Badge";
import { Button } from "~/components/Button";
import { ErrorState } from "~/components/States";

/** Sends a made-up alert to the webhook that is set, and says what came of it. */
export function TestWebhook({ team }: { team: string }) {
  const test = useMutation({
    mutationFn: () => must(api.POST("/api/billing/{team}/alerts/test", { params: { path: { team } } })),
  });
  const told = test.data;
  return (
    <div className="flex flex-col items-start gap-2">
      <Button small busy={test.isPending} onClick={() => test.mutate()}>
        Send a test
      </Button>
      <div aria-live="polite" className="w-full text-xs">
        {test.isPending && (
          <span className="text-muted">Sending; a slow receiver may take half a minute.</span>
        )}
        {told && (
          <div className="flex flex-wrap items-baseline gap-x-2 gap-y-1">
            <Badge tone={told.sent ? "good" : "bad"}>{told.sent ? "sent" : "not sent"}</Badge>
            <span className="break-all">{told.target}</span>
            <span className="text-muted">{told.took_ms} ms</span>
            {told.error && <p className="basis-full break-words text-bad">{told.error}</p>}
            {told.remedy && <p className="basis-full font-medium">{told.remedy}</p>}
          </div>
        )}
      </div>
      {test.error && <ErrorState error={test.error} />}
    </div>
  );
}
