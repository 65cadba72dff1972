import { createFileRoute } from "@tanstack/react-router";
import { ComparePage } from "~/features/models/ComparePage";
import { readCompare } from "~/features/models/compare";

export const Route = createFileRoute("/_console/inference/compare")({
  validateSearch: readCompare,
  component: Compare,
});

function Compare() {
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  return (
    <ComparePage
      search={search}
      onSearch={(changed) =>
        void navigate({ search: (before) => readCompare({ ...before, ...changed }), replace: true })
      }
    />
  );
}
