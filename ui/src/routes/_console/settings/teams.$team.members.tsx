import { createFileRoute } from "@tanstack/react-router";
import { useCallback } from "react";
import { MembersPage } from "~/features/team/MembersPage";

export const Route = createFileRoute("/_console/settings/teams/$team/members")({
  validateSearch: (search): { q?: string } =>
    typeof search.q === "string" && search.q ? { q: search.q } : {},
  component: Members,
});

function Members() {
  const { team } = Route.useParams();
  const { q = "" } = Route.useSearch();
  const { me } = Route.useRouteContext();
  const navigate = Route.useNavigate();
  const onSearch = useCallback(
    (text: string) => void navigate({ search: text ? { q: text } : {}, replace: true }),
    [navigate],
  );
  return <MembersPage key={team} team={team} username={me.username} search={q} onSearch={onSearch} />;
}
