import { useMutation, useQuery } from "@tanstack/react-query";
import { createFileRoute } from "@tanstack/react-router";
import type { Schema } from "~/api/client";
import { asApiError } from "~/api/errors";
import { readCall } from "~/api/weave/calls";
import { Page } from "~/components/Page";
import { Loaded } from "~/components/States";
import { toast } from "~/components/Toasts";
import { requestQuery } from "~/features/billing/queries";
import { RequestView } from "~/features/billing/RequestView";
import { chatOf } from "~/features/playground/state/kept";
import { toHash } from "~/features/playground/state/share";

export const Route = createFileRoute("/_console/requests/$id")({ component: Request });

function Request() {
  const { id } = Route.useParams();
  const navigate = Route.useNavigate();
  const request = useQuery(requestQuery(id));
  const playground = useMutation({
    mutationFn: async ({ team, project, call_id }: Schema<"TraceLink">) => {
      const hash = await toHash([chatOf((await readCall(`${team}/${project}`, call_id))?.inputs ?? null)]);
      await navigate({ to: "/$team/$project/playground", params: { team, project }, hash });
    },
    onError: (error) => toast(asApiError(error).message, "bad"),
  });
  return (
    <Page title="Request">
      <Loaded query={request}>
        {(info) => (
          <RequestView
            info={info}
            playground={{ open: () => playground.mutate(info.trace), isOpening: playground.isPending }}
          />
        )}
      </Loaded>
    </Page>
  );
}
