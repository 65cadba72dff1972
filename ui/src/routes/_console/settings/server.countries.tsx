import { createFileRoute } from "@tanstack/react-router";
import { Page } from "~/components/Page";
import { EmptyState } from "~/components/States";
import { CountryRules } from "~/features/countries/CountryRules";

export const Route = createFileRoute("/_console/settings/server/countries")({ component: Countries });

function Countries() {
  const { me } = Route.useRouteContext();
  return (
    <Page title="Country rules" lead="From where models may be called, and which rule says so.">
      {me.is_admin ? (
        <CountryRules />
      ) : (
        <EmptyState title="Only administrators of the server see the rules">
          If you are refused by your country, tell whoever runs the server your address.
        </EmptyState>
      )}
    </Page>
  );
}
