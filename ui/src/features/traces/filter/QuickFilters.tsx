import { Select } from "~/components/Field";
import { Segmented } from "~/components/Tabs";
import { NAME, STARTED, STATUS, STATUSES, USER } from "../table/known";
import { quickValue, replaced, told } from "./change";
import type { Filter } from "./filters";
import { SPANS } from "./spans";

interface QuickFiltersProps {
  all: boolean;
  filters: Filter[];
  ops: string[];
  users: { value: string; label: string }[];
  onAll: (all: boolean) => void;
  onChange: (filters: Filter[]) => void;
}

/** What most readers narrow to; each makes an ordinary filter. */
export function QuickFilters({ all, filters, ops, users, onAll, onChange }: QuickFiltersProps) {
  const quick = (
    field: string,
    op: Filter["op"],
    label: string,
    any: string,
    options: { value: string; label: string }[],
  ) => {
    const value = quickValue(filters, field, op);
    const own =
      value === "" || options.some((one) => one.value === value)
        ? []
        : [{ value, label: told({ field, op, value }).value }];
    return (
      <div className="w-36 max-sm:w-[calc(50%-0.25rem)]">
        <Select
          label={label}
          hideLabel
          value={value}
          options={[{ value: "", label: any }, ...options, ...own]}
          onChange={(next) => onChange(replaced(filters, field, next ? { field, op, value: next } : null))}
        />
      </div>
    );
  };
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Segmented
        label="Calls to show"
        value={all ? "all" : "roots"}
        options={[
          { value: "roots", label: "Traces" },
          { value: "all", label: "All calls" },
        ]}
        onChange={(value) => onAll(value === "all")}
      />
      {quick(
        NAME,
        "equals",
        "Op",
        "Any op",
        ops.map((value) => ({ value, label: value })),
      )}
      {quick(STATUS, "equals", "Status", "Any status", STATUSES)}
      {quick(
        STARTED,
        "after",
        "Time",
        "Any time",
        SPANS.map(({ value, label }) => ({ value, label: `Last ${label}` })),
      )}
      {users.length > 0 && quick(USER, "equals", "User", "Any user", users)}
    </div>
  );
}
