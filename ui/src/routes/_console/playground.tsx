import { createFileRoute, Navigate } from "@tanstack/react-router";
import { EmptyState } from "~/components/States";
import { modelsOf } from "~/features/playground/state/address";
import { usePlace } from "~/lib/usePlace";

/** The Playground of the project at hand: links from Inference and shared links name none. */
export const Route = createFileRoute("/_console/playground")({
  validateSearch: (search): { models?: string[] } => {
    const models = modelsOf(search.models);
    return models.length > 0 ? { models } : {};
  },
  component: ToProject,
});

function ToProject() {
  const place = usePlace();
  const search = Route.useSearch();
  if (place === null)
    return (
      <div className="p-6">
        <EmptyState title="You are in no team yet">
          Ask an admin for an invitation; chats belong to a project.
        </EmptyState>
      </div>
    );
  return (
    <Navigate to="/$team/$project/playground" params={{ ...place }} search={search} hash={true} replace />
  );
}
