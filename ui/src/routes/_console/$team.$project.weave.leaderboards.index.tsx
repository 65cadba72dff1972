import { createFileRoute } from "@tanstack/react-router";
import { ListPage } from "~/features/leaderboards/ListPage";

export const Route = createFileRoute("/_console/$team/$project/weave/leaderboards/")({
  component: Leaderboards,
});

function Leaderboards() {
  return <ListPage place={Route.useParams()} />;
}
