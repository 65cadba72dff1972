import { useQuery } from "@tanstack/react-query";
import { createFileRoute } from "@tanstack/react-router";
import type { Schema } from "~/api/client";
import { readCall } from "~/api/weave/calls";
import { Page } from "~/components/Page";
import { Loaded } from "~/components/States";
import { requestQuery } from "~/features/billing/queries";
import { RequestView } from "~/features/billing/RequestView";
import { useChatOpener } from "~/features/playground/useChatOpener";

export const Route = createFileRoute("/_console/requests/$id")({ component: Request });

function Request() {
  const { id } = Route.useParams();
  const request = useQuery(requestQuery(id));
  const { open, isOpening } = useChatOpener();
  const openTrace = ({ team, project, call_id }: Schema<"TraceLink">) =>
    open({
      team,
      project,
      inputs: async () => (await readCall(`${team}/${project}`, call_id))?.inputs ?? null,
    });
  return (
    <Page title="Request">
      <Loaded query={request}>
        {(info) => <RequestView info={info} playground={{ open: () => openTrace(info.trace), isOpening }} />}
      </Loaded>
    </Page>
  );
}
