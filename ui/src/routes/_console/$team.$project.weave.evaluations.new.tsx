import { createFileRoute } from "@tanstack/react-router";
import { EvaluationPage } from "~/features/evaluation/EvaluationPage";

export const Route = createFileRoute("/_console/$team/$project/weave/evaluations/new")({
  component: NewEvaluation,
});

function NewEvaluation() {
  const { team, project } = Route.useParams();
  return <EvaluationPage key={`${team}/${project}`} place={{ team, project }} />;
}
