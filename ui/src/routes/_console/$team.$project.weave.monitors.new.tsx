import { createFileRoute } from "@tanstack/react-router";
import { EditPage } from "~/features/monitors/EditPage";

export const Route = createFileRoute("/_console/$team/$project/weave/monitors/new")({
  validateSearch: (search: Record<string, unknown>): { edit?: string } =>
    typeof search.edit === "string" && search.edit ? { edit: search.edit.slice(0, 128) } : {},
  component: NewMonitorRoute,
});

function NewMonitorRoute() {
  const place = Route.useParams();
  const { edit } = Route.useSearch();
  const navigate = Route.useNavigate();
  const open = (name: string) =>
    void navigate({ to: "/$team/$project/weave/monitors/$name", params: { ...place, name } });
  return <EditPage key={edit ?? ""} place={place} edit={edit ?? ""} onSaved={open} />;
}
