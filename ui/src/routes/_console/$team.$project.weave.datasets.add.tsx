import { createFileRoute } from "@tanstack/react-router";
import { AddFromCalls } from "~/features/datasets/AddFromCalls";

export const Route = createFileRoute("/_console/$team/$project/weave/datasets/add")({
  validateSearch: ({ calls }): { calls?: string } => (calls === undefined ? {} : { calls: String(calls) }),
  component: DatasetAdd,
});

function DatasetAdd() {
  const { team, project } = Route.useParams();
  const { calls } = Route.useSearch();
  const ids = [...new Set((calls ?? "").split(",").filter(Boolean))];
  return <AddFromCalls place={{ team, project }} ids={ids} />;
}
