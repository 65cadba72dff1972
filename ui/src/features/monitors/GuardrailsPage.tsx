import type { ReactNode } from "react";
import { Page } from "~/components/Page";
import type { Place } from "~/lib/place";
import { Results } from "./Results";
import { Scores } from "./Scores";
import type { ScoresSearch } from "./search";

interface GuardrailsPageProps {
  place: Place;
  search: ScoresSearch;
  onSearch: (search: ScoresSearch) => void;
  tabs: ReactNode;
}

/** What scorers said that programs applied to their own calls: passed and failed over time, and the calls. */
export function GuardrailsPage({ place, search, onSearch, tabs }: GuardrailsPageProps) {
  return (
    <Page
      title="Guardrails"
      lead="Results of scorers that a program applied to its own calls, to let them pass or not."
      wide
    >
      {tabs}
      <Scores
        place={place}
        origin=""
        search={search}
        onSearch={onSearch}
        empty="In Python: result, call = op.call(...), then await call.apply_scorer(scorer)."
      />
      <Results place={place} origin="" scorer={search.scorer ?? ""} />
    </Page>
  );
}
