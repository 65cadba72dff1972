import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { Badge } from "~/components/Badge";
import { buttonClass } from "~/components/Button";
import { CodeBlock } from "~/components/Copy";
import { Ago } from "~/components/Figures";
import { Page } from "~/components/Page";
import { EmptyState, Loaded } from "~/components/States";
import { type Column, Table } from "~/components/Table";
import type { Place } from "~/lib/place";
import { type BoardHead, boardsQuery } from "./queries";

/** The leaderboards of a project. */
export function ListPage({ place }: { place: Place }) {
  const boards = useQuery(boardsQuery(place));
  return (
    <Page
      title="Leaders"
      lead="Models side by side in evaluations, with how sure each place is."
      actions={
        <>
          <Link to="/$team/$project/weave/leaderboards/dynamic" params={place} className={buttonClass()}>
            All runs
          </Link>
          <Link to="/$team/$project/weave/leaderboards/new" params={place} className={buttonClass("primary")}>
            <Plus aria-hidden className="size-4" /> New leaderboard
          </Link>
        </>
      }
    >
      <Loaded query={boards}>
        {({ leaderboards }) =>
          leaderboards.length === 0 ? <Empty place={place} /> : <List place={place} boards={leaderboards} />
        }
      </Loaded>
    </Page>
  );
}

function List({ place, boards }: { place: Place; boards: BoardHead[] }) {
  const columns: Column<BoardHead>[] = [
    {
      id: "title",
      header: "Leaderboard",
      cell: (board) => (
        <>
          <Link
            to="/$team/$project/weave/leaderboards/$name"
            params={{ ...place, name: board.name }}
            className="font-medium hover:underline"
          >
            {board.title}
          </Link>{" "}
          {board.is_dynamic && <Badge tone="accent">dynamic</Badge>}
          {board.description && <div className="line-clamp-1 text-xs text-muted">{board.description}</div>}
        </>
      ),
    },
    {
      id: "evaluations",
      header: "Evaluations",
      hideBelow: "md",
      cell: (board) => (
        <span className="line-clamp-2">
          {board.evaluations.join(", ") || (board.is_dynamic ? "All" : "None")}
        </span>
      ),
    },
    {
      id: "columns",
      header: "Columns",
      numeric: true,
      hideBelow: "sm",
      cell: (board) => board.column_count ?? <span className="text-muted">as runs have</span>,
    },
    { id: "changed", header: "Changed", hideBelow: "sm", cell: (board) => <Ago at={board.created_at} /> },
  ];
  return <Table label="Leaderboards" columns={columns} rows={boards} rowKey={(board) => board.name} />;
}

function Empty({ place }: { place: Place }) {
  return (
    <>
      <EmptyState
        title="No leaderboards yet"
        action={
          <Link to="/$team/$project/weave/leaderboards/new" params={place} className={buttonClass()}>
            Make one
          </Link>
        }
      >
        A column is an evaluation, one of its scorers and a metric. Or look at all runs, as they come in. From
        Python:
      </EmptyState>
      <CodeBlock label="Python" code={snippet(place)} />
    </>
  );
}

function snippet(place: Place): string {
  return `import weave
from weave.flow import leaderboard

weave.init("${place.team}/${place.project}")
weave.publish(leaderboard.Leaderboard(
    name="Best models",
    columns=[leaderboard.LeaderboardColumn(
        evaluation_object_ref=evaluation.ref.uri(),
        scorer_name="exact_match",
        summary_metric_path="mean",
    )],
))`;
}
