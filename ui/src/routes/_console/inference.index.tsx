import { createFileRoute } from "@tanstack/react-router";
import { catalogQuery } from "~/api/catalog";
import { InferencePage } from "~/features/models/InferencePage";
import { readSearch } from "~/features/models/search";

export const Route = createFileRoute("/_console/inference/")({
  validateSearch: readSearch,
  // Asked for while the page's code is on its way; the page itself shows what comes of it.
  loader: ({ context }) => void context.queryClient.prefetchQuery(catalogQuery),
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
