import { createFileRoute, Link } from "@tanstack/react-router";
import { buttonClass } from "~/components/Button";
import { ListPage, readList } from "~/features/objects/ListPage";

export const Route = createFileRoute("/_console/$team/$project/weave/datasets/")({
  validateSearch: readList,
  component: DatasetsList,
});

function DatasetsList() {
  const params = Route.useParams();
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  return (
    <ListPage
      place={params}
      kind="datasets"
      search={search}
      actions={
        <Link to="/$team/$project/weave/datasets/new" params={params} className={buttonClass("primary")}>
          New dataset
        </Link>
      }
      onSearch={(next) => void navigate({ search: next, replace: true })}
    />
  );
}
