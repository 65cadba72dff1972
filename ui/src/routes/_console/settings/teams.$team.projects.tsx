import { createFileRoute } from "@tanstack/react-router";
import { ProjectsPage } from "~/features/team/ProjectsPage";

export const Route = createFileRoute("/_console/settings/teams/$team/projects")({
  validateSearch: (search): { new?: true } => (search.new ? { new: true } : {}),
  component: Projects,
});

function Projects() {
  const { team } = Route.useParams();
  const { new: adding = false } = Route.useSearch();
  const navigate = Route.useNavigate();
  const onAdding = (open: boolean) => void navigate({ search: open ? { new: true } : {}, replace: true });
  return <ProjectsPage key={team} team={team} adding={adding} onAdding={onAdding} />;
}
