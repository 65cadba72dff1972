import { createFileRoute } from "@tanstack/react-router";
import { VersionPage } from "~/features/objects/VersionPage";
import { readVersion } from "~/features/objects/versionSearch";

export const Route = createFileRoute("/_console/$team/$project/weave/ops/$name/versions/$digest")({
  validateSearch: readVersion,
  component: OpVersion,
});

function OpVersion() {
  const { team, project, name, digest } = Route.useParams();
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  return (
    <VersionPage
      place={{ team, project }}
      name={name}
      digest={digest}
      search={search}
      onSearch={(next) => void navigate({ search: next, replace: true })}
    />
  );
}
