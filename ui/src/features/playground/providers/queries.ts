/** What the screens of custom providers ask the server, and change there. */

import { api, must, type Schema } from "~/api/client";
import type { Place } from "~/lib/place";

export type Provider = Schema<"ProviderTold">;
export type ProviderWanted = Schema<"ProviderWanted">;

export function saveProvider(place: Place, name: string, body: ProviderWanted): Promise<Provider> {
  const path = { ...place, name };
  return must(api.PUT("/api/playground/{team}/{project}/providers/{name}", { params: { path }, body }));
}

export async function removeProvider(place: Place, name: string): Promise<void> {
  const path = { ...place, name };
  await must(api.DELETE("/api/playground/{team}/{project}/providers/{name}", { params: { path } }));
}

/** Ask a provider for its models: the saved one, or `body` before it is saved. */
export function testProvider(place: Place, name: string, body?: ProviderWanted): Promise<Schema<"Tested">> {
  const path = { ...place, name };
  return must(
    api.POST("/api/playground/{team}/{project}/providers/{name}/test", {
      params: { path },
      ...(body === undefined ? {} : { body }),
    }),
  );
}
