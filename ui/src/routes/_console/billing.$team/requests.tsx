import { createFileRoute } from "@tanstack/react-router";
import { useState } from "react";
import { RequestsView } from "~/features/billing/RequestsView";
import { requestsSearch } from "~/features/billing/search";

export const Route = createFileRoute("/_console/billing/$team/requests")({
  validateSearch: requestsSearch,
  component: Requests,
});

function Requests() {
  const { team } = Route.useParams();
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  const [now] = useState(() => new Date());
  return (
    <RequestsView
      team={team}
      search={search}
      now={now}
      onSearch={(next) => void navigate({ search: next })}
    />
  );
}
