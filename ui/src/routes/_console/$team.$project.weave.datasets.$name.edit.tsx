import { createFileRoute } from "@tanstack/react-router";
import { EditDataset } from "~/features/datasets/EditDataset";

export const Route = createFileRoute("/_console/$team/$project/weave/datasets/$name/edit")({
  validateSearch: ({ from }): { from?: string } => (from === undefined ? {} : { from: String(from) }),
  component: DatasetEdit,
});

function DatasetEdit() {
  const { team, project, name } = Route.useParams();
  const { from } = Route.useSearch();
  return <EditDataset place={{ team, project }} name={name} from={from ?? "latest"} />;
}
