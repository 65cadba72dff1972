import { createFileRoute } from "@tanstack/react-router";
import { ListPage } from "~/features/evals/ListPage";
import { readList } from "~/features/evals/search";

export const Route = createFileRoute("/_console/$team/$project/weave/evaluations/")({
  validateSearch: readList,
  component: Evaluations,
});

function Evaluations() {
  const { team, project } = Route.useParams();
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  return (
    <ListPage
      key={`${team}/${project}`}
      of={{ team, project }}
      search={search}
      onSearch={(changed) =>
        void navigate({ search: (before) => readList({ ...before, ...changed }), replace: true })
      }
    />
  );
}
