import { createFileRoute } from "@tanstack/react-router";
import { Page } from "~/components/Page";
import { TeamPlan } from "~/features/limits/TeamPlan";

export const Route = createFileRoute("/_console/settings/teams/$team/plan")({ component: TeamPlanPage });

function TeamPlanPage() {
  const { team } = Route.useParams();
  const { me } = Route.useRouteContext();
  return (
    <Page title="Plan" lead={`What ${team} gets each month, and how far it may go.`}>
      <TeamPlan team={team} isServerAdmin={me.is_admin} />
    </Page>
  );
}
