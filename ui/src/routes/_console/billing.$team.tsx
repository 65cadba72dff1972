import { createFileRoute, Outlet } from "@tanstack/react-router";
import { Page } from "~/components/Page";
import { TabLinks } from "~/components/Tabs";

export const Route = createFileRoute("/_console/billing/$team")({ component: BillingLayout });

function BillingLayout() {
  const { team } = Route.useParams();
  const params = { team };
  return (
    <Page title={`Billing of ${team}`}>
      <TabLinks
        label="Billing"
        tabs={[
          { label: "Overview", to: "/billing/$team", params, exact: true },
          { label: "Usage", to: "/billing/$team/usage", params },
          { label: "Requests", to: "/billing/$team/requests", params },
        ]}
      />
      <Outlet />
    </Page>
  );
}
