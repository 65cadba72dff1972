import { Search } from "lucide-react";
import { useEffect, useState } from "react";
import { Select } from "~/components/Field";
import { Segmented } from "~/components/Tabs";
import { KINDS, type Kind, type ModelSearch, SORTS, STATES } from "./search";

interface FiltersProps {
  search: ModelSearch;
  onChange: (search: Record<string, string | undefined>) => void;
}

/** Kind of model, words, state and order; all of it stands in the address. */
export function Filters({ search, onChange }: FiltersProps) {
  return (
    <div role="search" className="flex flex-wrap items-end gap-2">
      <Segmented
        label="Kind of model"
        value={search.kind ?? "all"}
        options={[...KINDS]}
        onChange={(kind: Kind) => onChange({ kind: kind === "all" ? undefined : kind })}
      />
      <Words value={search.q ?? ""} onChange={(q) => onChange({ q: q.trim() === "" ? undefined : q })} />
      <div className="w-44 max-sm:w-[calc(50%-0.25rem)]">
        <Select
          label="State"
          hideLabel
          value={search.state ?? "any"}
          options={[...STATES]}
          onChange={(state) => onChange({ state: state === "any" ? undefined : state })}
        />
      </div>
      <div className="w-52 max-sm:w-[calc(50%-0.25rem)]">
        <Select
          label="Sort by"
          hideLabel
          value={search.sort ?? "popular"}
          options={[...SORTS]}
          onChange={(sort) => onChange({ sort: sort === "popular" ? undefined : sort })}
        />
      </div>
    </div>
  );
}

/** What is typed shows at once; the address follows. */
function Words({ value, onChange }: { value: string; onChange: (text: string) => void }) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  return (
    <div className="relative w-56 max-sm:w-full">
      <Search aria-hidden className="absolute top-2 left-2 size-4 text-muted" />
      <input
        type="search"
        aria-label="Search models"
        placeholder="Search models"
        autoComplete="off"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          onChange(event.target.value);
        }}
        className="h-8 w-full rounded-md border border-line-strong bg-bg pr-2 pl-8 text-sm pointer-coarse:h-10 pointer-coarse:text-base"
      />
    </div>
  );
}
