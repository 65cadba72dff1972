import { createFileRoute } from "@tanstack/react-router";
import { ComparePage } from "~/features/comparison/ComparePage";
import { readCompare } from "~/features/comparison/search";

export const Route = createFileRoute("/_console/$team/$project/weave/compare")({
  validateSearch: readCompare,
  component: Compare,
});

function Compare() {
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  return (
    <ComparePage
      place={Route.useParams()}
      search={search}
      onSearch={(next) => void navigate({ search: readCompare({ ...next }), replace: true })}
    />
  );
}
