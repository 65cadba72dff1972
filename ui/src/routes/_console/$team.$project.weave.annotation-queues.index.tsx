import { createFileRoute } from "@tanstack/react-router";
import { QueuesPage } from "~/features/annotations/QueuesPage";
import { mayWrite } from "~/lib/rights";

export const Route = createFileRoute("/_console/$team/$project/weave/annotation-queues/")({
  validateSearch: ({ q }): { q?: string } => (q ? { q: String(q) } : {}),
  component: QueuesRoute,
});

function QueuesRoute() {
  const place = Route.useParams();
  const { q = "" } = Route.useSearch();
  const navigate = Route.useNavigate();
  const { me } = Route.useRouteContext();
  return (
    <QueuesPage
      place={place}
      mayWrite={mayWrite(me, place.team)}
      text={q}
      onSearch={(text) => void navigate({ search: text ? { q: text } : {}, replace: true })}
      onOpen={(queueId) =>
        void navigate({
          to: "/$team/$project/weave/annotation-queues/$queueId",
          params: { ...place, queueId },
        })
      }
    />
  );
}
