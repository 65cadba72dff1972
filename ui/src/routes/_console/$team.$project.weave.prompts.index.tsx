import { createFileRoute, Link } from "@tanstack/react-router";
import { buttonClass } from "~/components/Button";
import { ListPage, readList } from "~/features/objects/ListPage";

export const Route = createFileRoute("/_console/$team/$project/weave/prompts/")({
  validateSearch: readList,
  component: PromptsList,
});

function PromptsList() {
  const params = Route.useParams();
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  return (
    <ListPage
      place={params}
      kind="prompts"
      search={search}
      actions={
        <Link to="/$team/$project/weave/prompts/new" params={params} className={buttonClass("primary")}>
          New prompt
        </Link>
      }
      onSearch={(next) => void navigate({ search: next, replace: true })}
    />
  );
}
