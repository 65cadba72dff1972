import { createFileRoute } from "@tanstack/react-router";
import { DynamicPage } from "~/features/leaderboards/DynamicPage";
import { readDynamic } from "~/features/leaderboards/search";

export const Route = createFileRoute("/_console/$team/$project/weave/leaderboards/dynamic")({
  validateSearch: readDynamic,
  component: DynamicLeaderboard,
});

function DynamicLeaderboard() {
  const { team, project } = Route.useParams();
  const navigate = Route.useNavigate();
  return (
    <DynamicPage
      place={{ team, project }}
      search={Route.useSearch()}
      onSearch={(search) => void navigate({ search, replace: true })}
    />
  );
}
