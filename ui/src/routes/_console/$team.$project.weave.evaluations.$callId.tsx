import { createFileRoute } from "@tanstack/react-router";
import { RunPage } from "~/features/evals/RunPage";
import { readRun } from "~/features/evals/search";

export const Route = createFileRoute("/_console/$team/$project/weave/evaluations/$callId")({
  validateSearch: readRun,
  component: Evaluation,
});

function Evaluation() {
  const { team, project, callId } = Route.useParams();
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  return (
    <RunPage
      key={callId}
      of={{ team, project }}
      id={callId}
      search={search}
      onSearch={(changed) =>
        void navigate({ search: (before) => readRun({ ...before, ...changed }), replace: true })
      }
    />
  );
}
