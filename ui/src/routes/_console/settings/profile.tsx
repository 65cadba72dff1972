import { createFileRoute } from "@tanstack/react-router";
import { Page } from "~/components/Page";

export const Route = createFileRoute("/_console/settings/profile")({ component: ProfilePage });

function ProfilePage() {
  const { me } = Route.useRouteContext();
  return (
    <Page title="Profile" lead="Who you are on this server.">
      <p>{me.username}</p>
    </Page>
  );
}
