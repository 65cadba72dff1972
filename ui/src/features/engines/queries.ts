import { queryOptions } from "@tanstack/react-query";
import { api, must } from "~/api/client";

export const LOOK_MS = 2_000;

/** Every engine and the machine, looked at while the page is open. */
export const enginesQuery = queryOptions({
  queryKey: ["engines"],
  queryFn: ({ signal }) => must(api.GET("/api/engines", { signal })),
  refetchInterval: LOOK_MS,
  staleTime: 0,
});
