import { createFileRoute } from "@tanstack/react-router";
import { AuditPage } from "~/features/audit/AuditPage";
import { filterOf } from "~/features/audit/words";

export const Route = createFileRoute("/_console/settings/teams/$team/audit")({
  validateSearch: filterOf,
  component: TeamAudit,
});

function TeamAudit() {
  const { team } = Route.useParams();
  const navigate = Route.useNavigate();
  return (
    <AuditPage
      key={team}
      team={team}
      filter={Route.useSearch()}
      onFilter={(search) => void navigate({ search, replace: true })}
    />
  );
}
