import { useQuery } from "@tanstack/react-query";
import { createFileRoute } from "@tanstack/react-router";
import { Page } from "~/components/Page";
import { EmptyState, Loaded } from "~/components/States";
import { PlanCard } from "~/features/limits/PlanCard";
import { plansQuery } from "~/features/limits/queries";

export const Route = createFileRoute("/_console/settings/server/plans")({ component: Plans });

function Plans() {
  const { me } = Route.useRouteContext();
  const plans = useQuery(plansQuery);
  return (
    <Page
      title="Plans and caps"
      lead="What a team gets each month, what happens when that is used up, and how far it may go."
    >
      {me.is_admin ? (
        <Loaded query={plans}>
          {(data) => (
            <div className="grid gap-3 lg:grid-cols-2">
              {data.plans.map((plan) => (
                <PlanCard key={plan.name} plan={plan} isDefault={plan.name === data.default} />
              ))}
            </div>
          )}
        </Loaded>
      ) : (
        <EmptyState title="Only administrators of the server change plans">
          Your team's plan stands in its settings. Ask whoever runs the server for another one.
        </EmptyState>
      )}
    </Page>
  );
}
