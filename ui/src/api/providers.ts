/** The custom providers of a project, with their models. */

import { queryOptions } from "@tanstack/react-query";
import type { Place } from "~/lib/place";
import { api, must } from "./client";

export function providersQuery({ team, project }: Place) {
  return queryOptions({
    queryKey: ["playground", team, project, "providers"],
    queryFn: async ({ signal }) => {
      const path = { team, project };
      const told = await must(
        api.GET("/api/playground/{team}/{project}/providers", { params: { path }, signal }),
      );
      return told.providers;
    },
  });
}
