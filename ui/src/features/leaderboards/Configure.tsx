import { Checkbox, Select, TextField } from "~/components/Field";
import { Card } from "~/components/Page";
import { Segmented } from "~/components/Tabs";
import type { Board, DynamicColumn } from "./queries";
import { type DynamicSearch, readDynamic, type Tab, withColumn, withName } from "./search";

interface ConfigureProps {
  found: NonNullable<Board["found"]>;
  tab: Tab;
  search: DynamicSearch;
  onSearch: (search: DynamicSearch) => void;
}

const TABS: { value: Tab; label: string }[] = [
  { value: "models", label: "Models" },
  { value: "datasets", label: "Datasets" },
  { value: "scorers", label: "Scorers" },
  { value: "metrics", label: "Metrics" },
];

/** What a dynamic leaderboard shows, what that is called, and which way is better. */
export function Configure({ found, tab, search, onSearch }: ConfigureProps) {
  const change = (changed: Record<string, unknown>) => onSearch(readDynamic({ ...search, ...changed }));
  return (
    <Card>
      <section aria-label="Configure" className="flex flex-col gap-3">
        <Segmented
          label="Configure"
          value={tab}
          options={TABS}
          onChange={(configure) => change({ configure })}
        />
        {tab === "models" && <Models found={found} search={search} change={change} />}
        {tab === "datasets" && (
          <Names
            all={found.datasets}
            hidden={search.hide_datasets ?? []}
            none="No evaluation here names a dataset."
            onChange={(hide_datasets) => change({ hide_datasets })}
          />
        )}
        {tab === "scorers" && (
          <Names
            all={found.scorers}
            hidden={search.hide_scorers ?? []}
            none="No run has scores."
            onChange={(hide_scorers) => change({ hide_scorers })}
          />
        )}
        {tab === "metrics" && <Metrics found={found} search={search} change={change} />}
      </section>
    </Card>
  );
}

interface NamesProps {
  all: string[];
  hidden: string[];
  none: string;
  onChange: (hidden: string[]) => void;
}

function Names({ all, hidden, none, onChange }: NamesProps) {
  if (all.length === 0) return <p className="text-xs text-muted">{none}</p>;
  return (
    <div className="flex flex-wrap gap-x-6 gap-y-2">
      {all.map((name) => (
        <Checkbox
          key={name}
          label={name}
          checked={!hidden.includes(name)}
          onChange={(on) => onChange(withName(hidden, name, !on))}
        />
      ))}
    </div>
  );
}

interface PartProps {
  found: ConfigureProps["found"];
  search: DynamicSearch;
  change: (changed: Record<string, unknown>) => void;
}

function Models({ found, search, change }: PartProps) {
  const hidden = search.hide_models ?? [];
  return (
    <>
      <Checkbox
        label="Only the version of each model that ran last"
        checked={search.newest ?? false}
        onChange={(newest) => change({ newest })}
      />
      <ul className="grid gap-x-6 gap-y-2 md:grid-cols-2">
        {found.models.map((name) => (
          <li key={name} className="flex items-center gap-3">
            <div className="min-w-0 flex-1 truncate">
              <Checkbox
                label={name}
                checked={!hidden.includes(name)}
                onChange={(on) => change({ hide_models: withName(hidden, name, !on) })}
              />
            </div>
            <div className="w-44 shrink-0">
              <TextField
                label={`Name of ${name}`}
                hideLabel
                placeholder="Called here"
                defaultValue={search.names?.[name] ?? ""}
                onBlur={(event) =>
                  change({ names: renamed(search.names ?? {}, name, event.target.value.trim()) })
                }
              />
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}

function renamed(names: Record<string, string>, name: string, label: string): Record<string, string> {
  const { [name]: _, ...rest } = names;
  return label ? { ...rest, [name]: label } : rest;
}

function Metrics({ found, search, change }: PartProps) {
  const say = (of: DynamicColumn, what: Partial<DynamicColumn>) =>
    change({ columns: withColumn(search.columns ?? [], of, what) });
  return (
    <ul className="flex flex-col gap-2">
      {found.columns.map(({ column, is_shown }) => {
        const name = `${column.scorer}${column.path ? ` · ${column.path}` : ""}`;
        return (
          <li
            key={`${column.evaluation}/${name}`}
            className="grid items-center gap-x-3 gap-y-1 sm:grid-cols-[minmax(0,1fr)_11rem_9rem]"
          >
            <Checkbox
              label={
                <span className="break-words">
                  {name} <span className="text-xs text-muted">{column.evaluation}</span>
                </span>
              }
              checked={is_shown}
              onChange={(on) => say(column, { hidden: !on })}
            />
            <TextField
              label={`Name of ${name}`}
              hideLabel
              placeholder="Called here"
              defaultValue={column.label ?? ""}
              onBlur={(event) => {
                const label = event.target.value.trim() || null;
                if (label !== (column.label ?? null)) say(column, { label });
              }}
            />
            <Select
              label={`Better for ${name}`}
              hideLabel
              value={betterOf(column)}
              options={[
                { value: "higher", label: "Higher is better" },
                { value: "lower", label: "Lower is better" },
              ]}
              onChange={(way) => say(column, { should_minimize: way === "lower" })}
            />
          </li>
        );
      })}
    </ul>
  );
}

function betterOf(column: DynamicColumn): "lower" | "higher" {
  return (column.should_minimize ?? column.scorer === "model_latency") ? "lower" : "higher";
}
