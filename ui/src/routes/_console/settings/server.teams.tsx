import { createFileRoute } from "@tanstack/react-router";
import { useCallback } from "react";
import { TeamsPage } from "~/features/team/TeamsPage";

interface Search {
  q?: string;
  new?: true;
}

export const Route = createFileRoute("/_console/settings/server/teams")({
  validateSearch: (search): Search => ({
    ...(typeof search.q === "string" && search.q ? { q: search.q } : {}),
    ...(search.new ? { new: true as const } : {}),
  }),
  component: Teams,
});

function Teams() {
  const { q = "", new: adding = false } = Route.useSearch();
  const navigate = Route.useNavigate();
  const onSearch = useCallback(
    (text: string) => void navigate({ search: text ? { q: text } : {}, replace: true }),
    [navigate],
  );
  const onAdding = (open: boolean) => void navigate({ search: open ? { new: true } : {}, replace: true });
  return <TeamsPage search={q} onSearch={onSearch} adding={adding} onAdding={onAdding} />;
}
