import { queryOptions } from "@tanstack/react-query";
import { api, must, type Schema } from "~/api/client";

/** The price book, with its whole history. */
export const pricesQuery = queryOptions({
  queryKey: ["prices"],
  queryFn: ({ signal }) => must(api.GET("/api/prices", { signal })),
});

/** What the safety check says to a price; asked anew with each change. */
export function checkQuery(wanted: Schema<"PriceRequest"> | null) {
  return queryOptions({
    queryKey: ["price-check", wanted],
    queryFn: ({ signal }) =>
      must(api.POST("/api/prices/check", { body: wanted as Schema<"PriceRequest">, signal })),
    enabled: wanted !== null,
    staleTime: 60_000,
  });
}
