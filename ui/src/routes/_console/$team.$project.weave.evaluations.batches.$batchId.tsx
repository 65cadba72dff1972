import { createFileRoute } from "@tanstack/react-router";
import { BatchPage } from "~/features/evaluation/batch/BatchPage";

export const Route = createFileRoute("/_console/$team/$project/weave/evaluations/batches/$batchId")({
  component: Batch,
});

function Batch() {
  const { team, project, batchId } = Route.useParams();
  return <BatchPage place={{ team, project }} id={batchId} />;
}
