import { createFileRoute } from "@tanstack/react-router";
import { ComparePage } from "~/features/evals/ComparePage";
import { readRun } from "~/features/evals/search";

export const Route = createFileRoute("/_console/$team/$project/weave/evaluations/compare")({
  validateSearch: readRun,
  component: Compare,
});

function Compare() {
  const { team, project } = Route.useParams();
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  return (
    <ComparePage
      of={{ team, project }}
      search={search}
      onSearch={(changed) =>
        void navigate({ search: (before) => readRun({ ...before, ...changed }), replace: true })
      }
    />
  );
}
