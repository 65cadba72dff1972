import { queryOptions } from "@tanstack/react-query";
import { api, must } from "./client";

/** The catalog: every model, its price, and whether it runs here. Asked often, answered with 304 while nothing changed. */
export const catalogQuery = queryOptions({
  queryKey: ["catalog"],
  queryFn: ({ signal }) => must(api.GET("/inference/catalog/models", { signal })),
  staleTime: 10_000,
});

export type CatalogModel = NonNullable<
  Awaited<ReturnType<NonNullable<typeof catalogQuery.queryFn>>>
>["models"][number];
