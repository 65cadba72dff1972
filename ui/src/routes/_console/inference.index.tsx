import { useQuery } from "@tanstack/react-query";
import { createFileRoute } from "@tanstack/react-router";
import { catalogQuery } from "~/api/catalog";
import { Page } from "~/components/Page";
import { Loaded } from "~/components/States";

export const Route = createFileRoute("/_console/inference/")({ component: InferencePage });

function InferencePage() {
  const catalog = useQuery(catalogQuery);
  return (
    <Page title="Models" wide>
      <Loaded query={catalog}>
        {(data) => (
          <ul>
            {data.models.map((model) => (
              <li key={model.id}>{model.id}</li>
            ))}
          </ul>
        )}
      </Loaded>
    </Page>
  );
}
