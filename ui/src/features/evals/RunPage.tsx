import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import { exceptionText } from "~/api/weave/told";
import { buttonClass } from "~/components/Button";
import { CodeBlock } from "~/components/Copy";
import { Ago, Money } from "~/components/Figures";
import { Page, Tile } from "~/components/Page";
import { Loaded, Skeleton } from "~/components/States";
import { count, duration } from "~/lib/format";
import { type Compared, type Comparison, intervalText, namesOf, told, valueText } from "./figures";
import { boardHref, callHref, objectHref } from "./links";
import { comparisonQuery, type Of } from "./queries";
import { type OnSearch, RowsSection } from "./RowsSection";
import { StatusBadge } from "./StatusBadge";
import type { RunSearch } from "./search";
import { Warnings } from "./Warnings";

interface RunPageProps {
  of: Of;
  id: string;
  search: RunSearch;
  onSearch: OnSearch;
}

/** One run: what it came to, with intervals, and every row. */
export function RunPage({ of, id, search, onSearch }: RunPageProps) {
  const query = useQuery(comparisonQuery(of, [id], undefined, []));
  const run = query.data?.runs[0]?.run;
  return (
    <Page
      title={run?.name ?? "Evaluation"}
      lead={
        <Link
          to="/$team/$project/weave/evaluations"
          params={{ ...of }}
          className="flex w-fit items-center gap-1 hover:text-fg"
        >
          <ArrowLeft aria-hidden className="size-4" /> All runs
        </Link>
      }
      actions={
        <>
          <a href={boardHref(of, [id])} className={buttonClass()}>
            Leaderboard from this
          </a>
          <a href={callHref(of, id)} className={buttonClass()}>
            Open trace
          </a>
          <Link
            to="/$team/$project/weave/evaluations"
            params={{ ...of }}
            search={{ sel: id, ...(run?.evaluation && { evaluation: run.evaluation.name }) }}
            className={buttonClass("primary")}
          >
            Compare with others
          </Link>
        </>
      }
      wide
    >
      <Loaded query={query} loading={<Skeleton className="h-[32rem]" />}>
        {(found) => <Whole of={of} comparison={found} search={search} onSearch={onSearch} />}
      </Loaded>
    </Page>
  );
}

interface WholeProps extends Omit<RunPageProps, "id"> {
  comparison: Comparison;
}

function Whole({ of, comparison, search, onSearch }: WholeProps) {
  const [one] = comparison.runs;
  if (!one) return null;
  return (
    <>
      <Facts one={one} />
      <Warnings told={comparison.warnings} />
      {one.run.exception && <CodeBlock label="Exception" code={exceptionText(one.run.exception)} />}
      <div className="grid grid-cols-2 gap-3 sm:grid-cols-[repeat(auto-fill,minmax(11rem,1fr))]">
        {comparison.metrics.map((metric) => {
          const [figure] = metric.figures;
          if (!figure?.estimate) return null;
          return (
            <Tile
              key={metric.id}
              label={metric.label}
              note={
                <span title={told(metric, figure)}>
                  {intervalText(metric.kind, figure) ?? "no interval"} · n = {count(figure.estimate.n)}
                </span>
              }
            >
              {valueText(metric.kind, figure.estimate.mean)}
            </Tile>
          );
        })}
      </div>
      <p className="text-xs text-muted">
        Below each mean: its 95 % interval and the rows it is of. Trials of a row are averaged first.
      </p>
      <RowsSection
        of={of}
        comparison={comparison}
        names={namesOf([one.run])}
        metric={search.metric ?? comparison.metrics[0]?.id}
        search={search}
        onSearch={onSearch}
      />
    </>
  );
}

/** What a run is made of, and what it took. */
function Facts({ one }: { one: Compared }) {
  const { run } = one;
  const took =
    run.ended_at === null
      ? null
      : (new Date(run.ended_at).getTime() - new Date(run.started_at).getTime()) / 1000;
  return (
    <dl className="grid grid-cols-2 gap-x-6 gap-y-2 text-sm sm:flex sm:flex-wrap [&_dt]:text-xs [&_dt]:text-muted">
      <Fact name="Status">
        <StatusBadge run={run} />
      </Fact>
      {(["model", "dataset", "evaluation"] as const).map((name) => {
        const found = run[name];
        const href = found && objectHref(found.ref);
        if (!found) return null;
        const text = found.version === null ? found.name : `${found.name}:v${found.version}`;
        return (
          <Fact key={name} name={name[0]?.toUpperCase() + name.slice(1)}>
            {href && found.version !== null ? (
              <a href={href} className="text-accent hover:underline">
                {text}
              </a>
            ) : (
              text
            )}
          </Fact>
        );
      })}
      <Fact name="Rows">
        {count(one.rows)}
        {one.trials !== one.rows && ` (${count(one.trials)} trials)`}
      </Fact>
      {one.failed_rows > 0 && <Fact name="Failed rows">{count(one.failed_rows)}</Fact>}
      <Fact name="Started">
        <Ago at={run.started_at} />
        {run.user && ` by ${run.user}`}
      </Fact>
      {took !== null && <Fact name="Took">{duration(took)}</Fact>}
      {one.model_cost_nusd !== null && (
        <Fact name="Cost of the model">
          <Money nanoUsd={one.model_cost_nusd} />
        </Fact>
      )}
      {run.cost_nusd !== null && (
        <Fact name="Cost with judges">
          <Money nanoUsd={run.cost_nusd} />
        </Fact>
      )}
      {run.unpriced_models.length > 0 && (
        <Fact name="Cost unknown">
          <span title="No price of it is known here, so its cost is in no figure." className="break-all">
            {run.unpriced_models.join(", ")}
          </span>
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
