import { createFileRoute } from "@tanstack/react-router";
import { ListPage, readList } from "~/features/objects/ListPage";

export const Route = createFileRoute("/_console/$team/$project/weave/objects/")({
  validateSearch: readList,
  component: ObjectsList,
});

function ObjectsList() {
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  return (
    <ListPage
      place={Route.useParams()}
      kind="objects"
      search={search}
      onSearch={(next) => void navigate({ search: next, replace: true })}
    />
  );
}
