import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Button, buttonClass } from "~/components/Button";
import { Select } from "~/components/Field";
import { Grid } from "~/components/grid/Grid";
import { Page } from "~/components/Page";
import { SearchField } from "~/components/SearchField";
import { EmptyState, Loaded, SkeletonRows } from "~/components/States";
import { count } from "~/lib/format";
import { FirstRun } from "./FirstRun";
import type { EvalRun } from "./figures";
import { boardHref, newHref } from "./links";
import { chooseRuns, metricsOf, optionsOf } from "./list";
import { meansQuery, type Of, runsQuery } from "./queries";
import { runColumns } from "./runColumns";
import { idsOf, type ListSearch, STATUSES } from "./search";

interface ListPageProps {
  of: Of;
  search: ListSearch;
  onSearch: (changed: { [Name in keyof ListSearch]?: ListSearch[Name] | undefined }) => void;
}

const LISTED = 500;
const MOST = 20;

/** Every run of a project's evaluations. */
export function ListPage({ of, search, onSearch }: ListPageProps) {
  const navigate = useNavigate();
  const query = useQuery(runsQuery(of, search.limit ?? LISTED));
  const selected = idsOf(search.sel);
  const compare = () =>
    void navigate({
      to: "/$team/$project/weave/evaluations/compare",
      params: { ...of },
      search: { runs: selected.slice(0, MOST).join(",") },
    });
  return (
    <Page
      title="Evaluations"
      lead="Each run of an evaluation: a model asked every row of a dataset, and scored. Choose several to compare them."
      actions={
        <>
          {selected.length > 0 && (
            <a href={boardHref(of, selected)} className={buttonClass()}>
              Leaderboard from these
            </a>
          )}
          <Button
            disabled={selected.length < 2 || selected.length > MOST}
            title={selected.length > MOST ? `At most ${MOST} at once` : undefined}
            onClick={compare}
          >
            {selected.length > 1 ? `Compare ${selected.length}` : "Compare"}
          </Button>
          <a href={newHref(of)} className={buttonClass("primary")}>
            New evaluation
          </a>
        </>
      }
      wide
    >
      <Loaded query={query} loading={<SkeletonRows rows={10} label="Loading evaluations" />}>
        {({ runs, total }) =>
          runs.length === 0 ? (
            <FirstRun of={of} />
          ) : (
            <Runs of={of} runs={runs} total={total} search={search} onSearch={onSearch} selected={selected} />
          )
        }
      </Loaded>
    </Page>
  );
}

interface RunsProps extends ListPageProps {
  runs: EvalRun[];
  total: number;
  selected: string[];
}

function Runs({ of, runs, total, search, onSearch, selected }: RunsProps) {
  const navigate = useNavigate();
  const shown = chooseRuns(runs, search);
  const running = runs.some((run) => run.status === "running");
  const { data } = useQuery(meansQuery(of, search.limit ?? LISTED, running));
  return (
    <>
      <div role="search" className="flex flex-wrap items-end gap-2">
        <SearchField
          label="Search runs"
          text={search.q ?? ""}
          onSearch={(q) => onSearch({ q: q || undefined })}
        />
        {(["model", "dataset", "evaluation"] as const).map((name) => (
          <div key={name} className="w-44 max-sm:w-[calc(50%-0.25rem)]">
            <Select
              label={`Only this ${name}`}
              hideLabel
              value={search[name] ?? ""}
              options={optionsOf(runs, name, `All ${name}s`)}
              onChange={(value) => onSearch({ [name]: value || undefined })}
            />
          </div>
        ))}
        <div className="w-36 max-sm:w-[calc(50%-0.25rem)]">
          <Select
            label="Status"
            hideLabel
            value={search.status ?? "any"}
            options={[...STATUSES]}
            onChange={(value) => onSearch({ status: value === "any" ? undefined : value })}
          />
        </div>
      </div>
      <p className="text-xs text-muted" role="status">
        {count(shown.length)} of {count(total)} runs
        {runs.length < total && `, of the newest ${count(runs.length)}`}
        {runs.length < total && (
          <Link to="." search={{ ...search, limit: runs.length * 2 } as never} className="ml-2 text-accent">
            Look at more
          </Link>
        )}
      </p>
      <Grid
        label="Evaluation runs"
        columns={runColumns(of, metricsOf(runs), data?.means ?? {})}
        rows={shown}
        rowKey={(run) => run.id}
        rowName={(run) => run.name}
        sort={search.sort ? { by: search.sort, descending: !search.up } : { by: "started", descending: true }}
        onSort={({ by, descending }) => onSearch({ sort: by, up: descending ? undefined : true })}
        selection={{
          keys: new Set(selected),
          onChange: (keys) => onSearch({ sel: [...keys].join(",") || undefined }),
        }}
        onOpen={(run) =>
          void navigate({
            to: "/$team/$project/weave/evaluations/$callId",
            params: { ...of, callId: run.id },
          })
        }
        empty={
          <EmptyState
            title="No run is like that"
            action={
              <Button
                onClick={() =>
                  onSearch({
                    q: undefined,
                    model: undefined,
                    dataset: undefined,
                    evaluation: undefined,
                    status: undefined,
                  })
                }
              >
                Clear filters
              </Button>
            }
          >
            Take a filter away.
          </EmptyState>
        }
      />
    </>
  );
}
