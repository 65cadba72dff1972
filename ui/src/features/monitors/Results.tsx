import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Badge } from "~/components/Badge";
import { Button } from "~/components/Button";
import { Ago } from "~/components/Figures";
import { Section } from "~/components/Page";
import { ErrorState, SkeletonRows } from "~/components/States";
import { type Column, Table } from "~/components/Table";
import { lineOf } from "~/components/value/text";
import type { Place } from "~/lib/place";
import { type Origin, readResults, type ScoreResult } from "./queries";
import { resultText } from "./words";

interface ResultsProps {
  place: Place;
  origin: Origin;
  /** Only this scorer's; empty: all. */
  scorer: string;
}

/** The calls that were judged last, with what was said of each and why. */
export function Results({ place, origin, scorer }: ResultsProps) {
  const results = useInfiniteQuery({
    queryKey: ["scores", "results", place.team, place.project, origin, scorer],
    queryFn: ({ signal, pageParam }) => readResults(place, origin, { scorer, before: pageParam }, signal),
    initialPageParam: "",
    getNextPageParam: (last) => last.next ?? undefined,
    refetchInterval: (query) => (query.state.data && query.state.data.pages.length > 1 ? false : 10_000),
  });
  if (results.isPending) return <SkeletonRows label="Loading results" />;
  if (!results.data) return <ErrorState error={results.error} onRetry={() => results.refetch()} />;
  const rows = results.data.pages.flatMap((page) => page.results);
  return (
    <Section title="Newest results">
      <Table
        label="Results, the newest first"
        columns={columnsOf(place)}
        rows={rows}
        rowKey={(row) => row.id}
        empty={<p className="text-muted">Nothing was judged yet.</p>}
      />
      {results.hasNextPage && (
        <Button
          className="self-start"
          busy={results.isFetchingNextPage}
          onClick={() => results.fetchNextPage()}
        >
          Show more
        </Button>
      )}
    </Section>
  );
}

function columnsOf(place: Place): Column<ScoreResult>[] {
  return [
    { id: "at", header: "When", cell: (row) => <Ago at={row.at} /> },
    { id: "scorer", header: "Scorer", cell: (row) => row.scorer, hideBelow: "md" },
    { id: "values", header: "Said", cell: (row) => <Values result={row} /> },
    {
      id: "reason",
      header: "Reason",
      hideBelow: "sm",
      cell: (row) => (
        <span className="line-clamp-3 max-w-prose text-muted">{row.reason || "none given"}</span>
      ),
    },
    {
      id: "call",
      header: "Call",
      cell: (row) => (
        <span className="flex flex-wrap gap-x-3 gap-y-1.5 whitespace-nowrap">
          {row.call_id && <CallLink place={place} id={row.call_id} label="Call" />}
          {row.score_call && <CallLink place={place} id={row.score_call} label="Judgement" />}
        </span>
      ),
    },
  ];
}

function Values({ result }: { result: ScoreResult }) {
  const values = Object.entries(result.values);
  if (values.length === 0) return <span className="line-clamp-2 break-words">{lineOf(result.output)}</span>;
  return (
    <span className="flex flex-wrap gap-1">
      {values.slice(0, 5).map(([field, value]) => (
        <Badge key={field} tone={value === true ? "accent" : "plain"}>
          {field ? `${field}: ` : ""}
          {resultText(value)}
        </Badge>
      ))}
    </span>
  );
}

function CallLink({ place, id, label }: { place: Place; id: string; label: string }) {
  return (
    <Link to="/$team/$project/r/call/$callId" params={{ ...place, callId: id }} className="text-accent">
      {label}
    </Link>
  );
}
