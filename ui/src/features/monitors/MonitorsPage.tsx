import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { buttonClass } from "~/components/Button";
import { Page } from "~/components/Page";
import { EmptyState, Loaded } from "~/components/States";
import { type Column, Table } from "~/components/Table";
import { count } from "~/lib/format";
import type { Place } from "~/lib/place";
import { type Monitor, monitorsQuery } from "./queries";
import { Spent } from "./Spent";
import { StateBadge } from "./StateBadge";
import { Switch } from "./Switch";
import { figureName, figureText, mainFigure, opName, valueText } from "./words";

interface MonitorsPageProps {
  place: Place;
  /** Whether the caller may change something here. */
  mayWrite: boolean;
  /** The tabs of the area, and of what is shown in it. */
  tabs: ReactNode;
}

/** The project's monitors: how each is, what it spent today, and what it found within a day. */
export function MonitorsPage({ place, mayWrite, tabs }: MonitorsPageProps) {
  const monitors = useQuery(monitorsQuery(place));
  const action = mayWrite && (
    <Link to="/$team/$project/weave/monitors/new" params={place} className={buttonClass("primary")}>
      New monitor
    </Link>
  );
  return (
    <Page
      title="Monitors"
      lead="Scorers on a share of live calls, within a budget; what they say is feedback on the call."
      actions={action}
      wide
    >
      {tabs}
      <Loaded query={monitors}>
        {({ monitors: found }) => (
          <Table
            label="Monitors"
            columns={columnsOf(place, mayWrite)}
            rows={found}
            rowKey={(monitor) => monitor.name}
            empty={
              <EmptyState title="No monitors yet" action={action}>
                Make one, or publish one from Python: weave.Monitor(...).activate().
              </EmptyState>
            }
          />
        )}
      </Loaded>
    </Page>
  );
}

function columnsOf(place: Place, mayWrite: boolean): Column<Monitor>[] {
  return [
    {
      id: "on",
      header: "On",
      cell: (monitor) => <Switch place={place} monitor={monitor} disabled={!mayWrite} hideLabel />,
    },
    {
      id: "name",
      header: "Name",
      cell: (monitor) => (
        <Link
          to="/$team/$project/weave/monitors/$name"
          params={{ ...place, name: monitor.name }}
          className="font-medium text-accent"
        >
          {monitor.name}
        </Link>
      ),
    },
    { id: "state", header: "State", cell: (monitor) => <StateBadge monitor={monitor} /> },
    {
      id: "ops",
      header: "Ops",
      hideBelow: "lg",
      cell: (monitor) => (
        <span className="line-clamp-2 text-muted">
          {monitor.op_names.map(opName).join(", ") || "every op"}
        </span>
      ),
    },
    {
      id: "sampling",
      header: "Sample",
      numeric: true,
      hideBelow: "md",
      cell: (monitor) => valueText(monitor.sampling_rate, true),
    },
    { id: "spent", header: "Spent today", hideBelow: "sm", cell: (monitor) => <Spent monitor={monitor} /> },
    {
      id: "judged",
      header: "Judged",
      numeric: true,
      hideBelow: "md",
      cell: (monitor) => count(monitor.judged),
    },
    {
      id: "recent",
      header: "Last 24 hours",
      hideBelow: "sm",
      cell: (monitor) => <Recent monitor={monitor} />,
    },
  ];
}

function Recent({ monitor }: { monitor: Monitor }) {
  const figure = mainFigure(monitor.recent);
  if (!figure) return <span className="text-muted">nothing judged</span>;
  return (
    <span className="flex flex-col">
      <span className="text-xs text-muted">{figureName(figure)}</span>
      <span>{figureText(figure)}</span>
    </span>
  );
}
