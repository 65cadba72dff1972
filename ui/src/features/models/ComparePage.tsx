import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import { type CatalogModel, catalogQuery } from "~/api/catalog";
import { buttonClass } from "~/components/Button";
import { Checkbox, Select } from "~/components/Field";
import { Page } from "~/components/Page";
import { EmptyState, Loaded, Skeleton } from "~/components/States";
import { ComparePlot } from "./ComparePlot";
import { CompareTable } from "./CompareTable";
import { type CompareSearch, compareRows, MOST_COMPARED, ordered } from "./compare";
import { PlaygroundLink } from "./PlaygroundLink";
import { speedQuery } from "./queries";

interface ComparePageProps {
  search: CompareSearch;
  onSearch: (changed: { [Name in keyof CompareSearch]?: CompareSearch[Name] | undefined }) => void;
}

/** The facts of several models side by side. */
export function ComparePage({ search, onSearch }: ComparePageProps) {
  const catalog = useQuery(catalogQuery);
  const chosen = search.models ?? [];
  return (
    <Page
      title="Compare models"
      lead={
        <Link to="/inference" className="flex w-fit items-center gap-1 hover:text-fg">
          <ArrowLeft aria-hidden className="size-4" /> All models
        </Link>
      }
      actions={
        chosen.length > 0 && (
          <PlaygroundLink models={chosen} className={buttonClass("primary")}>
            Open in Playground
          </PlaygroundLink>
        )
      }
      wide
    >
      <Loaded query={catalog} loading={<Skeleton className="h-[32rem]" />}>
        {({ models }) => <Comparison all={models} search={search} onSearch={onSearch} />}
      </Loaded>
    </Page>
  );
}

interface ComparisonProps extends ComparePageProps {
  all: readonly CatalogModel[];
}

function Comparison({ all, search, onSearch }: ComparisonProps) {
  const { data } = useQuery(speedQuery);
  const ids = search.models ?? [];
  const found = ids.flatMap((id) => all.find((model) => model.id === id) ?? []);
  const baseline = search.baseline ?? found[0]?.id;
  const models = ordered(found, baseline);
  const rows = compareRows(models, new Map(data?.models.map((one) => [one.model, one])));
  const shown = search.differences ? rows.filter((row) => row.differs) : rows;
  const remove = (id: string) => {
    const models = ids.filter((one) => one !== id);
    onSearch({ models, baseline: baseline === id ? undefined : baseline });
  };
  return (
    <>
      <div className="flex flex-wrap items-end gap-x-4 gap-y-2">
        <div className="w-72 max-w-full">
          <Select
            label="Add a model"
            hideLabel
            value=""
            disabled={found.length >= MOST_COMPARED}
            options={[
              { value: "", label: found.length >= MOST_COMPARED ? "No more fit" : "Add a model..." },
              ...all
                .filter((model) => !ids.includes(model.id))
                .map((model) => ({ value: model.id, label: model.label })),
            ]}
            onChange={(id) => id && onSearch({ models: [...ids, id] })}
          />
        </div>
        <div className="py-1.5">
          <Checkbox
            label="Only differences"
            checked={search.differences ?? false}
            onChange={(only) => onSearch({ differences: only || undefined })}
          />
        </div>
      </div>
      {models.length === 0 ? (
        <EmptyState
          title="No models chosen"
          action={
            <Link to="/inference" className={buttonClass()}>
              Pick models
            </Link>
          }
        >
          Add one above, or select cards on the Models page and choose “Compare specifications”.
        </EmptyState>
      ) : (
        <>
          <CompareTable
            models={models}
            rows={shown}
            onBaseline={(id) => onSearch({ baseline: id })}
            onRemove={remove}
          />
          <ComparePlot
            models={models}
            rows={rows}
            chosen={search.plot}
            onChoose={(plot) => onSearch({ plot })}
          />
        </>
      )}
    </>
  );
}
