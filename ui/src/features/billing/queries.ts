import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, must, type Schema } from "~/api/client";
import { plain, type Span } from "./ranges";
import type { Group, Narrow, Outcome } from "./search";

const PAGE = 50;

/** A team's money at a glance, for its admins. */
export const billingQuery = (team: string) =>
  queryOptions({
    queryKey: ["billing", team],
    queryFn: ({ signal }) => must(api.GET("/api/billing/{team}", { params: { path: { team } }, signal })),
  });

/** At which thresholds the team is told, and who. */
export const alertRuleQuery = (team: string) =>
  queryOptions({
    queryKey: ["billing", team, "alerts"],
    queryFn: ({ signal }) =>
      must(api.GET("/api/billing/{team}/alerts", { params: { path: { team } }, signal })),
  });

export const purchasesQuery = (team: string) =>
  queryOptions({
    queryKey: ["purchases", team],
    queryFn: ({ signal }) =>
      must(api.GET("/api/billing/{team}/purchases", { params: { path: { team } }, signal })),
  });

export const invoicesQuery = (team: string) =>
  queryOptions({
    queryKey: ["invoices", team],
    queryFn: ({ signal }) => must(api.GET("/api/invoices", { params: { query: { team } }, signal })),
  });

/** Where the caller stands: what is left of each limit. */
export const standingQuery = (team: string) =>
  queryOptions({
    queryKey: ["limits", "own", team],
    queryFn: ({ signal }) => must(api.GET("/api/limits", { params: { query: { project: team } }, signal })),
  });

/** The query of a usage report, as the API and its CSV take it. */
export function reportOf(team: string, span: Span, by2: Group, only: Narrow) {
  return { by: span.grain, by2, team, since: plain(span.since), until: plain(span.until), ...only };
}

/** Usage over time and by something else. What was shown stays until what comes is there: nothing jumps. */
export const usageQuery = (team: string, span: Span, by2: Group, only: Narrow) => {
  const query = reportOf(team, span, by2, only);
  return queryOptions({
    queryKey: ["usage", query],
    // The same address answers with CSV too, so its type says nothing of JSON.
    queryFn: async ({ signal }) =>
      (await must(api.GET("/api/usage", { params: { query }, signal }))) as Schema<"UsageReport">,
    placeholderData: keepPreviousData,
  });
};

interface PageOfRequests extends Narrow {
  team: string;
  since: string;
  until: string;
  outcome?: Outcome;
  cursor?: string;
}

/** Single requests, newest first. */
export const requestsQuery = (page: PageOfRequests) => {
  const query = { ...page, limit: PAGE };
  return queryOptions({
    queryKey: ["usage", "requests", query],
    queryFn: ({ signal }) => must(api.GET("/api/usage/requests", { params: { query }, signal })),
    placeholderData: keepPreviousData,
  });
};

/** All that is kept of one request. */
export const requestQuery = (id: string) =>
  queryOptions({
    queryKey: ["request", id],
    queryFn: ({ signal }) =>
      must(api.GET("/api/requests/{request_id}", { params: { path: { request_id: id } }, signal })),
  });
