import { Segmented } from "~/components/Tabs";

export type View = "monitors" | "guardrails";

/** What scorers of the server said, or what scorers in programs said. */
export function ViewTabs({ view, onView }: { view: View; onView: (view: View) => void }) {
  return (
    <Segmented
      label="Kind of scores"
      value={view}
      options={[
        { value: "monitors", label: "Monitors" },
        { value: "guardrails", label: "Guardrails" },
      ]}
      onChange={onView}
    />
  );
}
