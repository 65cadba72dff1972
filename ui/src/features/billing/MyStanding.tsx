import { useQuery } from "@tanstack/react-query";
import type { Schema } from "~/api/client";
import { Ago, Meter, Money } from "~/components/Figures";
import { Section, Tile } from "~/components/Page";
import { EmptyState, Loaded } from "~/components/States";
import { type Column, Table } from "~/components/Table";
import { percent } from "~/lib/money";
import { standingQuery } from "./queries";
import { limitFigure, limitName } from "./words";

type Limit = Schema<"LimitCount">;

const COLUMNS: Column<Limit>[] = [
  {
    id: "limit",
    header: "Limit",
    cell: (limit) => (
      <>
        {limitName(limit.kind, limit.period)}
        {limit.model && <span className="text-muted"> with {limit.model}</span>}
      </>
    ),
  },
  {
    id: "whose",
    header: "Of",
    cell: (limit) => (
      <span className="block max-w-64 truncate">
        {limit.scope} {limit.name}
      </span>
    ),
  },
  {
    id: "used",
    header: "Used",
    numeric: true,
    cell: (limit) => `${limitFigure(limit.kind, limit.current)} of ${limitFigure(limit.kind, limit.max)}`,
  },
  {
    id: "meter",
    header: "Share used",
    hideBelow: "sm",
    cell: (limit) => (
      <div className="w-24">
        <Meter
          percent={percent(BigInt(limit.current), BigInt(limit.max))}
          label={`${limitName(limit.kind, limit.period)} of ${limit.name} used`}
        />
      </div>
    ),
  },
  {
    id: "left",
    header: "Left",
    numeric: true,
    hideBelow: "sm",
    cell: (limit) => limitFigure(limit.kind, limit.left),
  },
  { id: "resets", header: "Resets", hideBelow: "md", cell: (limit) => <Ago at={limit.resets_at} never="" /> },
];

/** Where one stands in a team: its credit, and what is left of each limit that applies. */
export function MyStanding({ team }: { team: string }) {
  const standing = useQuery(standingQuery(team));
  return (
    <Loaded query={standing}>
      {(data) => (
        <>
          <div className="grid grid-cols-2 gap-3 md:grid-cols-4">
            <Tile label="Plan">{data.plan_label}</Tile>
            <Tile
              label="Credit of the team"
              note={
                data.credit.when_it_ends === "refuse"
                  ? "requests are refused without credit"
                  : "requests go on without credit"
              }
            >
              <Money nanoUsd={data.credit.left_nusd} />
            </Tile>
          </div>
          <Section
            title="What is left to you"
            lead={`Of everybody and everything that your requests in ${team} count for.`}
          >
            <Table
              label="Limits"
              columns={COLUMNS}
              rows={data.limits}
              rowKey={(limit) => `${limit.kind} ${limit.scope_id} ${limit.period} ${limit.model}`}
              empty={
                <EmptyState title="No limits">
                  Nothing but the team's credit bounds your requests here.
                </EmptyState>
              }
            />
          </Section>
        </>
      )}
    </Loaded>
  );
}
