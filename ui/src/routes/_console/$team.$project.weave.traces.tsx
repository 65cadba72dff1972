import { createFileRoute } from "@tanstack/react-router";
import { tracesSearch } from "~/features/traces/search";
import { TracesPage } from "~/features/traces/TracesPage";

export const Route = createFileRoute("/_console/$team/$project/weave/traces")({
  validateSearch: tracesSearch,
  component: Traces,
});

function Traces() {
  const { team, project } = Route.useParams();
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  return (
    <TracesPage
      key={`${team}/${project}`}
      project={`${team}/${project}`}
      search={search}
      onSearch={(next, replace) => void navigate({ search: next, replace: replace ?? false })}
    />
  );
}
