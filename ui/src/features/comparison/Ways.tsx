import { Checkbox } from "~/components/Field";
import { Segmented } from "~/components/Tabs";
import type { CompareSearch } from "./search";

interface HowMuchProps {
  as: CompareSearch["as"];
  onChange: (as: CompareSearch["as"]) => void;
}

/** How a difference of numbers is told. */
export function HowMuch({ as, onChange }: HowMuchProps) {
  return (
    <Segmented
      label="Differences as"
      value={as ?? "number"}
      options={[
        { value: "number", label: "Number" },
        { value: "percent", label: "Percent" },
        { value: "times", label: "Multiple" },
      ]}
      onChange={(next) => onChange(next === "number" ? undefined : next)}
    />
  );
}

export function DiffOnly({ only, onChange }: { only: boolean; onChange: (only: boolean) => void }) {
  return <Checkbox label="Diff only" checked={only} onChange={onChange} />;
}
