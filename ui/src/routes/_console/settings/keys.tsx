import { createFileRoute } from "@tanstack/react-router";
import { KeysPage } from "~/features/keys/KeysPage";

export const Route = createFileRoute("/_console/settings/keys")({
  validateSearch: (search: Record<string, unknown>): { ended?: true } =>
    search.ended === true ? { ended: true } : {},
  component: KeysRoute,
});

function KeysRoute() {
  const { ended = false } = Route.useSearch();
  const navigate = Route.useNavigate();
  return (
    <KeysPage
      ended={ended}
      onEnded={(on) => void navigate({ search: on ? { ended: true } : {}, replace: true })}
    />
  );
}
