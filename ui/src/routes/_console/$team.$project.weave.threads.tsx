import { createFileRoute } from "@tanstack/react-router";
import { threadsSearch } from "~/features/threads/search";
import { ThreadsPage } from "~/features/threads/ThreadsPage";

export const Route = createFileRoute("/_console/$team/$project/weave/threads")({
  validateSearch: threadsSearch,
  component: ThreadsRoute,
});

function ThreadsRoute() {
  const { team, project } = Route.useParams();
  const navigate = Route.useNavigate();
  return (
    <ThreadsPage
      team={team}
      project={project}
      search={Route.useSearch()}
      onSearch={(search) => void navigate({ search })}
    />
  );
}
