import { createFileRoute } from "@tanstack/react-router";
import { InferencePage } from "~/features/models/InferencePage";
import { readSearch } from "~/features/models/search";

export const Route = createFileRoute("/_console/inference/")({
  validateSearch: readSearch,
  component: Inference,
});

function Inference() {
  const { me } = Route.useRouteContext();
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  return (
    <InferencePage
      search={search}
      isAdmin={me.is_admin}
      onSearch={(changed) =>
        void navigate({ search: (before) => readSearch({ ...before, ...changed }), replace: true })
      }
      onReset={() => void navigate({ search: {}, replace: true })}
    />
  );
}
