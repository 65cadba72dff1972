import { createFileRoute } from "@tanstack/react-router";
import { EditPage } from "~/features/leaderboards/EditPage";

export const Route = createFileRoute("/_console/$team/$project/weave/leaderboards/$name/edit")({
  component: EditLeaderboard,
});

function EditLeaderboard() {
  const { team, project, name } = Route.useParams();
  return <EditPage place={{ team, project }} name={name} from={name} />;
}
