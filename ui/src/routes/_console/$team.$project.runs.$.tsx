import { createFileRoute } from "@tanstack/react-router";
import { LinkPage } from "~/features/links/LinkPage";

export const Route = createFileRoute("/_console/$team/$project/runs/$")({ component: LinkRoute });

function LinkRoute() {
  const { team, project, _splat } = Route.useParams();
  return <LinkPage team={team} project={project} rest={`runs/${_splat ?? ""}`} />;
}
