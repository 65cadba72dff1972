import { createFileRoute, Navigate } from "@tanstack/react-router";
import { Page } from "~/components/Page";
import { EmptyState } from "~/components/States";
import { usePlace } from "~/lib/usePlace";

export const Route = createFileRoute("/_console/billing/")({ component: BillingStart });

/** Goes to the billing of the team that the console works in. */
function BillingStart() {
  const place = usePlace();
  if (place) return <Navigate to="/billing/$team" params={{ team: place.team }} replace />;
  return (
    <Page title="Billing">
      <EmptyState title="You are in no team">
        Models are used, and paid for, in the name of a team. Ask an admin to add you to one.
      </EmptyState>
    </Page>
  );
}
