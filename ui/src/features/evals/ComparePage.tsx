import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import { buttonClass } from "~/components/Button";
import { Page } from "~/components/Page";
import { EmptyState, Loaded, Skeleton } from "~/components/States";
import { BarsSection } from "./BarsSection";
import { FigureTable } from "./FigureTable";
import { type Comparison, namesOf } from "./figures";
import { boardHref } from "./links";
import { ParetoSection } from "./ParetoSection";
import { comparisonQuery, type Of } from "./queries";
import { type OnSearch, RowsSection } from "./RowsSection";
import { idsOf, type RunSearch } from "./search";
import { Warnings } from "./Warnings";

interface ComparePageProps {
  of: Of;
  search: RunSearch;
  onSearch: OnSearch;
}

/** Several runs against a baseline. */
export function ComparePage({ of, search, onSearch }: ComparePageProps) {
  const ids = idsOf(search.runs);
  const baseline = search.baseline && ids.includes(search.baseline) ? search.baseline : undefined;
  const query = useQuery(comparisonQuery(of, ids, baseline, idsOf(search.turn)));
  return (
    <Page
      title="Compare evaluations"
      lead={
        <Link
          to="/$team/$project/weave/evaluations"
          params={{ ...of }}
          search={{ sel: search.runs } as never}
          className="flex w-fit items-center gap-1 hover:text-fg"
        >
          <ArrowLeft aria-hidden className="size-4" /> Choose other runs
        </Link>
      }
      actions={
        ids.length > 0 && (
          <a href={boardHref(of, ids)} className={buttonClass()}>
            Leaderboard from these
          </a>
        )
      }
      wide
    >
      {ids.length === 0 ? (
        <EmptyState
          title="No runs chosen"
          action={
            <Link
              to="/$team/$project/weave/evaluations"
              params={{ ...of }}
              className={buttonClass("primary")}
            >
              Choose runs
            </Link>
          }
        >
          Select two or more in the list of evaluations, and press Compare.
        </EmptyState>
      ) : (
        <Loaded query={query} loading={<Skeleton className="h-[40rem]" />}>
          {(found) => <Whole of={of} comparison={found} search={search} onSearch={onSearch} />}
        </Loaded>
      )}
    </Page>
  );
}

function Whole({ of, comparison, search, onSearch }: ComparePageProps & { comparison: Comparison }) {
  const names = namesOf(comparison.runs.map((one) => one.run));
  const metric = comparison.metrics.find((one) => one.id === search.metric) ?? comparison.metrics[0];
  const parts = { of, comparison, names, search, onSearch };
  return (
    <>
      <Warnings told={comparison.warnings} />
      <FigureTable {...parts} />
      <BarsSection comparison={comparison} names={names} />
      <ParetoSection
        comparison={comparison}
        names={names}
        metric={metric}
        search={search}
        onSearch={onSearch}
      />
      <RowsSection {...parts} metric={metric?.id} />
    </>
  );
}
