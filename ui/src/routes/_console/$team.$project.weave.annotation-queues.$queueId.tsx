import { createFileRoute } from "@tanstack/react-router";
import { QueuePage } from "~/features/annotations/QueuePage";
import { queueSearch } from "~/features/annotations/search";
import { mayWrite } from "~/lib/rights";

export const Route = createFileRoute("/_console/$team/$project/weave/annotation-queues/$queueId")({
  validateSearch: queueSearch,
  component: QueueRoute,
});

function QueueRoute() {
  const { team, project, queueId } = Route.useParams();
  const navigate = Route.useNavigate();
  const { me } = Route.useRouteContext();
  return (
    <QueuePage
      key={queueId}
      place={{ team, project }}
      id={queueId}
      mayWrite={mayWrite(me, team)}
      search={Route.useSearch()}
      onSearch={(search) => void navigate({ search, replace: true })}
      onGone={() =>
        void navigate({ to: "/$team/$project/weave/annotation-queues", params: { team, project } })
      }
    />
  );
}
