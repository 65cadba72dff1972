import { createFileRoute } from "@tanstack/react-router";
import { AuditPage } from "~/features/audit/AuditPage";
import { filterOf } from "~/features/audit/words";

export const Route = createFileRoute("/_console/settings/server/audit")({
  validateSearch: filterOf,
  component: ServerAudit,
});

function ServerAudit() {
  const navigate = Route.useNavigate();
  return (
    <AuditPage
      team={null}
      filter={Route.useSearch()}
      onFilter={(search) => void navigate({ search, replace: true })}
    />
  );
}
