import { useQuery } from "@tanstack/react-query";
import { Page } from "~/components/Page";
import { EmptyState, Loaded, Skeleton } from "~/components/States";
import { Segmented } from "~/components/Tabs";
import type { Place } from "~/lib/place";
import { AddSubject } from "./AddSubject";
import { Chooser } from "./Chooser";
import { callsQuery, objectsQuery } from "./queries";
import { SideBySide } from "./SideBySide";
import { Summary } from "./Summary";
import { type CompareSearch, listOf, MOST_SUBJECTS, placed, shownOf } from "./search";
import type { Subject } from "./subject";
import { Unified } from "./Unified";
import { DiffOnly, HowMuch } from "./Ways";

interface ComparePageProps {
  place: Place;
  search: CompareSearch;
  onSearch: (search: CompareSearch) => void;
}

/** Calls or versions of objects beside each other, measured against one of them. */
export function ComparePage({ place, search, onSearch }: ComparePageProps) {
  const of = `${place.team}/${place.project}`;
  const isCalls = search.calls !== undefined;
  const ids = listOf(isCalls ? search.calls : search.objects);
  const calls = useQuery({ ...callsQuery(of, ids), enabled: isCalls && ids.length > 0 });
  const objects = useQuery({ ...objectsQuery(of, ids), enabled: !isCalls && ids.length > 0 });
  return (
    <Page
      title={isCalls ? "Compare calls" : "Compare versions"}
      lead="Measured against the baseline; drag a column or use its arrows to change the order."
      wide
    >
      {ids.length === 0 ? (
        <EmptyState title="Nothing to compare">
          Select two or more calls in Traces, or objects in a list, and choose “Compare”.
        </EmptyState>
      ) : (
        <Loaded query={isCalls ? calls : objects} loading={<Skeleton className="h-96" />}>
          {(found) => (
            <Comparison
              place={place}
              search={search}
              onSearch={onSearch}
              ids={ids}
              subjects={ids.flatMap((id) => found.find((one) => one.id === id) ?? [])}
            />
          )}
        </Loaded>
      )}
    </Page>
  );
}

interface ComparisonProps extends ComparePageProps {
  ids: string[];
  /** In the order of the ids, without those that are gone. */
  subjects: Subject[];
}

function Comparison({ place, search, onSearch, ids, subjects }: ComparisonProps) {
  const change = (changed: Partial<CompareSearch>) => onSearch({ ...search, ...changed });
  const list = search.calls === undefined ? "objects" : "calls";
  const known = subjects.map((one) => one.id);
  const shownIds = shownOf(known, search);
  const shown = subjects.filter((one) => shownIds.includes(one.id));
  const base = Math.max(
    0,
    shown.findIndex((one) => one.id === search.base),
  );
  const view = search.view ?? "summary";
  const columns = {
    place,
    subjects: shown,
    base,
    onBase: (id: string) => change({ base: id }),
    onPlace: (id: string, at: string) => change({ [list]: placed(known, id, at).join(",") }),
    onRemove: (id: string) =>
      change({
        [list]: ids.filter((one) => one !== id).join(",") || undefined,
        shown:
          listOf(search.shown)
            .filter((one) => one !== id)
            .join(",") || undefined,
      }),
  };
  return (
    <>
      {subjects.length < ids.length && (
        <p className="text-muted">
          {ids.length - subjects.length} of {ids.length} were not found: deleted, or still on their way.
        </p>
      )}
      <div className="flex flex-wrap items-center gap-3">
        <Segmented
          label="View"
          value={view}
          options={[
            { value: "summary", label: "Summary" },
            { value: "side", label: "Side by side" },
            { value: "unified", label: "Unified" },
          ]}
          onChange={(next) => change({ view: next === "summary" ? undefined : next })}
        />
        {view === "summary" && <HowMuch as={search.as} onChange={(as) => change({ as })} />}
        <DiffOnly only={search.only ?? false} onChange={(only) => change({ only: only || undefined })} />
        {ids.length < MOST_SUBJECTS && (
          <AddSubject isCalls={list === "calls"} onAdd={(id) => change({ [list]: [...ids, id].join(",") })} />
        )}
        <Chooser
          subjects={subjects}
          shown={shownIds}
          onChange={(next) => change({ shown: next.join(",") })}
        />
      </div>
      {view === "summary" && <Summary {...columns} as={search.as ?? "number"} only={search.only ?? false} />}
      {view === "side" && <SideBySide {...columns} only={search.only ?? false} />}
      {view === "unified" && (
        <Unified place={place} subjects={shown} base={base} only={search.only ?? false} />
      )}
    </>
  );
}
