import { useQuery } from "@tanstack/react-query";
import { createFileRoute } from "@tanstack/react-router";
import { Page } from "~/components/Page";
import { Loaded } from "~/components/States";
import { requestQuery } from "~/features/billing/queries";
import { RequestView } from "~/features/billing/RequestView";

export const Route = createFileRoute("/_console/requests/$id")({ component: Request });

function Request() {
  const { id } = Route.useParams();
  const request = useQuery(requestQuery(id));
  return (
    <Page title="Request">
      <Loaded query={request}>{(info) => <RequestView info={info} />}</Loaded>
    </Page>
  );
}
