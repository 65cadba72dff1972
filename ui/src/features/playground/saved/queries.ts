/** What the screens of saved models ask the server, and change there. */

import { queryOptions } from "@tanstack/react-query";
import { api, must, type Schema } from "~/api/client";
import type { Place } from "~/lib/place";

export type SavedModel = Schema<"SavedModel">;
export type SavedWanted = Schema<"SavedWanted">;
export type SavedParams = Schema<"SavedParams">;

export function savedQuery({ team, project }: Place) {
  return queryOptions({
    queryKey: ["playground", team, project, "models"],
    queryFn: async ({ signal }) => {
      const path = { team, project };
      const told = await must(
        api.GET("/api/playground/{team}/{project}/models", { params: { path }, signal }),
      );
      return told.models;
    },
  });
}

export function versionsQuery({ team, project }: Place, objectId: string) {
  return queryOptions({
    queryKey: ["playground", team, project, "models", objectId],
    queryFn: async ({ signal }) => {
      const path = { team, project, object_id: objectId };
      const told = await must(
        api.GET("/api/playground/{team}/{project}/models/{object_id}/versions", { params: { path }, signal }),
      );
      return told.models;
    },
  });
}

export function saveModel(place: Place, body: SavedWanted): Promise<SavedModel> {
  return must(api.POST("/api/playground/{team}/{project}/models", { params: { path: { ...place } }, body }));
}

/** Deletes a saved model with all its versions. */
export async function deleteSaved(place: Place, objectId: string): Promise<void> {
  const path = { ...place, object_id: objectId };
  await must(api.DELETE("/api/playground/{team}/{project}/models/{object_id}", { params: { path } }));
}
