import { createFileRoute } from "@tanstack/react-router";
import { EditPage } from "~/features/leaderboards/EditPage";

export const Route = createFileRoute("/_console/$team/$project/weave/leaderboards/new")({
  validateSearch: (raw: Record<string, unknown>): { from?: string } =>
    typeof raw.from === "string" ? { from: raw.from } : {},
  component: NewLeaderboard,
});

function NewLeaderboard() {
  const { team, project } = Route.useParams();
  const { from } = Route.useSearch();
  return <EditPage place={{ team, project }} name={null} from={from ?? null} />;
}
