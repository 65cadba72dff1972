import { createFileRoute } from "@tanstack/react-router";
import { useCallback } from "react";
import { UsersPage } from "~/features/users/UsersPage";

export const Route = createFileRoute("/_console/settings/server/users")({
  validateSearch: (search): { q?: string } =>
    typeof search.q === "string" && search.q ? { q: search.q } : {},
  component: Users,
});

function Users() {
  const { q = "" } = Route.useSearch();
  const navigate = Route.useNavigate();
  const onSearch = useCallback(
    (text: string) => void navigate({ search: text ? { q: text } : {}, replace: true }),
    [navigate],
  );
  return <UsersPage search={q} onSearch={onSearch} />;
}
