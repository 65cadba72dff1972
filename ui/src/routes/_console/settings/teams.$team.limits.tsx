import { createFileRoute } from "@tanstack/react-router";
import { Page } from "~/components/Page";
import { LimitsPanel } from "~/features/limits/LimitsPanel";
import { OwnLimits } from "~/features/limits/OwnLimits";

export const Route = createFileRoute("/_console/settings/teams/$team/limits")({
  validateSearch: (search): { q?: string } =>
    typeof search.q === "string" && search.q ? { q: search.q.slice(0, 100) } : {},
  component: TeamLimits,
});

function TeamLimits() {
  const { team } = Route.useParams();
  const { q = "" } = Route.useSearch();
  const navigate = Route.useNavigate();
  const { me } = Route.useRouteContext();
  const mayManage = me.is_admin || me.teams.some((one) => one.name === team && one.role === "admin");
  const search = (wanted: string) => void navigate({ search: wanted ? { q: wanted } : {}, replace: true });
  return (
    <Page
      title="Limits and budgets"
      lead="What may be used by the team, its projects, keys and users, and what is used now. Limits hold exactly, from the next request on."
    >
      {mayManage ? <LimitsPanel team={team} search={q} onSearch={search} /> : <OwnLimits team={team} />}
    </Page>
  );
}
