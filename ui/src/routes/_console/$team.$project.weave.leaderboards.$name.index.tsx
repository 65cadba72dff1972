import { createFileRoute } from "@tanstack/react-router";
import { BoardPage } from "~/features/leaderboards/BoardPage";
import { readBoard } from "~/features/leaderboards/search";

export const Route = createFileRoute("/_console/$team/$project/weave/leaderboards/$name/")({
  validateSearch: readBoard,
  component: Leaderboard,
});

function Leaderboard() {
  const { team, project, name } = Route.useParams();
  const navigate = Route.useNavigate();
  return (
    <BoardPage
      place={{ team, project }}
      name={name}
      search={Route.useSearch()}
      onSearch={(search) => void navigate({ search, replace: true })}
    />
  );
}
