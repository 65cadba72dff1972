import { createFileRoute } from "@tanstack/react-router";
import { Page } from "~/components/Page";
import { EmptyState } from "~/components/States";
import { NotificationsPanel } from "~/features/notifications/NotificationsPanel";

export const Route = createFileRoute("/_console/settings/server/notifications")({ component: Notifications });

function Notifications() {
  const { me } = Route.useRouteContext();
  return (
    <Page
      title="Notifications"
      lead="How alerts about credit, caps and overage are told, and whether that works."
    >
      {me.is_admin ? (
        <NotificationsPanel />
      ) : (
        <EmptyState title="Only administrators of the server see how alerts are sent">
          Alerts of your team go to its admins by e-mail.
        </EmptyState>
      )}
    </Page>
  );
}
