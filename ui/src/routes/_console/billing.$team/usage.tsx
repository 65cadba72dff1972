import { createFileRoute } from "@tanstack/react-router";
import { useState } from "react";
import { manages } from "~/features/billing/rights";
import { usageSearch } from "~/features/billing/search";
import { UsageView } from "~/features/billing/UsageView";

export const Route = createFileRoute("/_console/billing/$team/usage")({
  validateSearch: usageSearch,
  component: Usage,
});

function Usage() {
  const { team } = Route.useParams();
  const { me } = Route.useRouteContext();
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  const [now] = useState(() => new Date());
  return (
    <UsageView
      team={team}
      search={search}
      now={now}
      isAdmin={manages(me, team)}
      onSearch={(next) => void navigate({ search: next })}
    />
  );
}
