import { useQuery } from "@tanstack/react-query";
import { createFileRoute } from "@tanstack/react-router";
import { Page } from "~/components/Page";
import { EmptyState, Loaded, SkeletonRows } from "~/components/States";
import { EngineCard } from "~/features/engines/EngineCard";
import { Machine } from "~/features/engines/Machine";
import { enginesQuery } from "~/features/engines/queries";

export const Route = createFileRoute("/_console/settings/server/engines")({ component: EnginesPage });

function EnginesPage() {
  const { me } = Route.useRouteContext();
  return (
    <Page title="Engines" lead="What runs on this server, what it takes, and what it writes.">
      {me.is_admin ? (
        <Engines />
      ) : (
        <EmptyState title="Only administrators of the server see its engines">
          Whether a model is ready stands at Inference. Ask whoever runs the server to load one.
        </EmptyState>
      )}
    </Page>
  );
}

function Engines() {
  const engines = useQuery(enginesQuery);
  return (
    <Loaded query={engines} loading={<SkeletonRows rows={10} label="Looking at the engines" />}>
      {(data) => (
        <>
          <Machine machine={data.machine} />
          {data.models.length === 0 ? (
            <EmptyState title="This server can run no model">
              Bring weights with <code className="font-mono">weft models pull MODEL</code>, or bind a model to
              a server that runs: docs/guides/add-a-model.md says how.
            </EmptyState>
          ) : (
            data.models.map((model) => <EngineCard key={model.key} model={model} />)
          )}
        </>
      )}
    </Loaded>
  );
}
