import { createFileRoute } from "@tanstack/react-router";
import { MonitorPage } from "~/features/monitors/MonitorPage";
import { readScores } from "~/features/monitors/search";
import { mayWrite } from "~/lib/rights";

export const Route = createFileRoute("/_console/$team/$project/weave/monitors/$name")({
  validateSearch: readScores,
  component: MonitorRoute,
});

function MonitorRoute() {
  const { team, project, name } = Route.useParams();
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  const { me } = Route.useRouteContext();
  return (
    <MonitorPage
      place={{ team, project }}
      name={name}
      mayWrite={mayWrite(me, team)}
      search={search}
      onSearch={(next) => void navigate({ search: next, replace: true })}
      onGone={() => void navigate({ to: "/$team/$project/weave/monitors", params: { team, project } })}
    />
  );
}
