import { createFileRoute } from "@tanstack/react-router";
import { GuardrailsPage } from "~/features/monitors/GuardrailsPage";
import { MonitorsPage } from "~/features/monitors/MonitorsPage";
import { readMonitors } from "~/features/monitors/search";
import { type View, ViewTabs } from "~/features/monitors/ViewTabs";
import { KindTabs } from "~/features/objects/KindTabs";
import { mayWrite } from "~/lib/rights";

export const Route = createFileRoute("/_console/$team/$project/weave/monitors/")({
  validateSearch: readMonitors,
  component: MonitorsRoute,
});

function MonitorsRoute() {
  const place = Route.useParams();
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  const { me } = Route.useRouteContext();
  const show = (view: View) =>
    void navigate({ search: view === "guardrails" ? { view } : {}, replace: true });
  const tabs = (
    <>
      <KindTabs place={place} />
      <ViewTabs view={search.view ?? "monitors"} onView={show} />
    </>
  );
  if (search.view === "guardrails") {
    return (
      <GuardrailsPage
        place={place}
        search={search}
        onSearch={(next) => void navigate({ search: { ...next, view: "guardrails" }, replace: true })}
        tabs={tabs}
      />
    );
  }
  return <MonitorsPage place={place} mayWrite={mayWrite(me, place.team)} tabs={tabs} />;
}
