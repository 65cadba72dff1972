import { createFileRoute } from "@tanstack/react-router";
import { AddToQueue } from "~/features/annotations/AddToQueue";

export const Route = createFileRoute("/_console/$team/$project/weave/annotation-queues/add")({
  validateSearch: ({ calls }): { calls?: string } => (calls === undefined ? {} : { calls: String(calls) }),
  component: QueueAdd,
});

function QueueAdd() {
  const place = Route.useParams();
  const { calls } = Route.useSearch();
  const navigate = Route.useNavigate();
  const ids = [...new Set((calls ?? "").split(",").filter(Boolean))];
  return (
    <AddToQueue
      place={place}
      ids={ids}
      onAdded={(queueId) =>
        void navigate({
          to: "/$team/$project/weave/annotation-queues/$queueId",
          params: { ...place, queueId },
        })
      }
    />
  );
}
