import { queryOptions } from "@tanstack/react-query";
import { api, must } from "./client";

/** What ways in there are; with the code of what went wrong on another way, the words for it. */
export const waysQuery = (problem = "") =>
  queryOptions({
    queryKey: ["auth", problem],
    queryFn: ({ signal }) =>
      must(api.GET("/api/auth", { params: { query: problem ? { problem } : {} }, signal })),
    staleTime: 60_000,
  });
