import { queryOptions } from "@tanstack/react-query";
import { api, must } from "~/api/client";

/** Every limit of a team, for its admins. */
export function overviewQuery(team: string, q: string) {
  return queryOptions({
    queryKey: ["limits", team, q],
    queryFn: ({ signal }) =>
      must(api.GET("/api/limits/overview", { params: { query: { team, q } }, signal })),
  });
}

/** What is left to whoever asks. */
export function ownLimitsQuery(team: string) {
  return queryOptions({
    queryKey: ["limits", "own", team],
    queryFn: ({ signal }) => must(api.GET("/api/limits", { params: { query: { project: team } }, signal })),
  });
}

/** A team's plan and those that it had. */
export function teamPlanQuery(team: string) {
  return queryOptions({
    queryKey: ["team-plan", team],
    queryFn: ({ signal }) => must(api.GET("/api/teams/{team}/plan", { params: { path: { team } }, signal })),
  });
}

/** All plans. */
export const plansQuery = queryOptions({
  queryKey: ["plans"],
  queryFn: ({ signal }) => must(api.GET("/api/plans", { signal })),
});

/** One plan, and what was changed about it. */
export function planQuery(plan: string) {
  return queryOptions({
    queryKey: ["plans", plan],
    queryFn: ({ signal }) => must(api.GET("/api/plans/{plan}", { params: { path: { plan } }, signal })),
  });
}
