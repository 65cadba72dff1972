import { TabLinks } from "~/components/Tabs";
import type { Place } from "~/lib/place";

/** The lists of versioned things, beside each other. */
export function KindTabs({ place }: { place: Place }) {
  const tab = (label: string, page: string) => ({
    label,
    to: `/${place.team}/${place.project}/weave/${page}` as never,
  });
  return (
    <TabLinks
      label="Kinds"
      tabs={[
        tab("Datasets", "datasets"),
        tab("Prompts", "prompts"),
        tab("Models", "models"),
        tab("Scorers", "scorers"),
        tab("Monitors", "monitors"),
        tab("Others", "objects"),
        tab("Ops", "ops"),
      ]}
    />
  );
}
