import { queryOptions } from "@tanstack/react-query";
import { api, must } from "~/api/client";

/** The keys of whoever is signed in, those that no longer work included. */
export const keysQuery = queryOptions({
  queryKey: ["keys"],
  queryFn: ({ signal }) => must(api.GET("/api/keys", { signal })),
});
