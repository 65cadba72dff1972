import { createFileRoute } from "@tanstack/react-router";
import { NewDataset } from "~/features/datasets/NewDataset";

export const Route = createFileRoute("/_console/$team/$project/weave/datasets/new")({
  component: DatasetNew,
});

function DatasetNew() {
  return <NewDataset place={Route.useParams()} />;
}
