import { notifyManager, QueryClient, queryOptions } from "@tanstack/react-query";
import { api, must, type Schema } from "./client";
import { asApiError } from "./errors";

export type Me = Schema<"Me">;

// What is sent shows as sent before the event that sent it is over. By default it is a task later, and a switch would go
// back to what it was for that long.
notifyManager.setScheduler(queueMicrotask);

/** One cache for all screens. What a refusal says does not change by asking again, so only silence is retried. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      retry: (failures, error) => asApiError(error).status === 0 && failures < 2,
      refetchOnWindowFocus: true,
    },
    mutations: { retry: false },
  },
});

/** Who is signed in, with teams and projects; the guard of every page asks this. */
export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => must(api.GET("/api/me", { signal })),
  staleTime: 60_000,
});
