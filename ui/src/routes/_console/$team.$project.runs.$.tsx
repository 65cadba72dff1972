import { createFileRoute } from "@tanstack/react-router";
import { RunPage } from "~/features/runs/RunPage";

export const Route = createFileRoute("/_console/$team/$project/runs/$")({ component: RunRoute });

/** `runs/<name>`, and whatever of it a client names behind that. */
function RunRoute() {
  const { team, project, _splat } = Route.useParams();
  return <RunPage team={team} project={project} name={_splat?.split("/")[0] ?? ""} />;
}
