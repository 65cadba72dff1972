import { Checkbox } from "~/components/Field";
import { Segmented } from "~/components/Tabs";

export type Layout = "side" | "unified";

interface DiffControlsProps {
  layout: Layout;
  only: boolean;
  onLayout: (layout: Layout) => void;
  onOnly: (only: boolean) => void;
  /** Where there is only one way to show it. */
  hasLayouts?: boolean;
}

/** How a difference is shown. */
export function DiffControls({ layout, only, onLayout, onOnly, hasLayouts = true }: DiffControlsProps) {
  return (
    <div className="flex flex-wrap items-center gap-3">
      {hasLayouts && (
        <Segmented
          label="Layout"
          value={layout}
          options={[
            { value: "side", label: "Side by side" },
            { value: "unified", label: "Unified" },
          ]}
          onChange={onLayout}
        />
      )}
      <Checkbox label="Diff only" checked={only} onChange={onOnly} />
    </div>
  );
}
