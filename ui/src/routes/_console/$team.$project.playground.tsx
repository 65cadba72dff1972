import { createFileRoute } from "@tanstack/react-router";
import { EmptyState } from "~/components/States";
import { PlaygroundPage } from "~/features/playground/PlaygroundPage";
import { modelsOf } from "~/features/playground/state/address";
import { usePlace } from "~/lib/usePlace";

export const Route = createFileRoute("/_console/$team/$project/playground")({
  validateSearch: (search): { models?: string[] } => {
    const models = modelsOf(search.models);
    return models.length > 0 ? { models } : {};
  },
  component: ProjectPlayground,
});

function ProjectPlayground() {
  const { team, project } = Route.useParams();
  const { models } = Route.useSearch();
  const navigate = Route.useNavigate();
  const place = usePlace();
  if (place !== null && (place.team !== team || place.project !== project))
    return (
      <div className="p-6">
        <EmptyState title={`There is no project ${team}/${project} of yours`}>
          Choose another one in the switcher, or ask an admin of that team for an invitation.
        </EmptyState>
      </div>
    );
  return (
    <PlaygroundPage
      key={`${team}/${project}`}
      place={{ team, project }}
      models={models ?? []}
      onTaken={() => void navigate({ search: {}, hash: "", replace: true })}
    />
  );
}
