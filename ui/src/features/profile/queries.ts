import { queryOptions } from "@tanstack/react-query";
import { api, must } from "~/api/client";

/** Where whoever asks is signed in. */
export const sessionsQuery = queryOptions({
  queryKey: ["me", "sessions"],
  queryFn: ({ signal }) => must(api.GET("/api/me/sessions", { signal })),
});
