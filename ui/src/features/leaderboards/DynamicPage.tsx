import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Settings2 } from "lucide-react";
import { useMemo, useState } from "react";
import { Button } from "~/components/Button";
import { Page } from "~/components/Page";
import { Loaded, Skeleton } from "~/components/States";
import type { Place } from "~/lib/place";
import { BoardView } from "./BoardView";
import { Configure } from "./Configure";
import { ExportMenu } from "./ExportMenu";
import { boardQuery, previewQuery } from "./queries";
import { SaveDynamic } from "./SaveDynamic";
import { type DynamicSearch, dynamicOf, sortOf, titled, versionsOf } from "./search";

interface DynamicPageProps {
  place: Place;
  search: DynamicSearch;
  onSearch: (search: DynamicSearch) => void;
}

/** A board of whatever runs there are, less what the address hides; new runs come by themselves. */
export function DynamicPage({ place, search, onSearch }: DynamicPageProps) {
  const [saving, setSaving] = useState(false);
  const definition = useMemo(() => titled("Preview", dynamicOf(search)), [search]);
  const board = useQuery(previewQuery(place, definition, versionsOf(search)));
  const changed = useQuery({
    ...boardQuery(place, search.board ?? "", "exact"),
    enabled: search.board !== undefined,
  });
  const title = changed.data?.definition.title;
  const { configure, ...closed } = search;
  return (
    <Page
      title={title ?? "All runs"}
      lead={
        <>
          <Link to="/$team/$project/weave/leaderboards" params={place} className="hover:text-fg">
            All leaderboards
          </Link>{" "}
          · {search.evaluations ? search.evaluations.join(", ") : "every evaluation"}; new runs come by
          themselves
        </>
      }
      actions={
        <>
          {board.data && <ExportMenu board={board.data} sort={sortOf(search)} />}
          <Button
            aria-expanded={configure !== undefined}
            onClick={() => onSearch(configure ? closed : { ...search, configure: "models" })}
          >
            <Settings2 aria-hidden className="size-4" /> Configure
          </Button>
          <Button kind="primary" onClick={() => setSaving(true)}>
            Save
          </Button>
        </>
      }
      wide
    >
      <Loaded query={board} loading={<Skeleton className="h-96" />}>
        {(found) => (
          <>
            {configure && found.found && (
              <Configure found={found.found} tab={configure} search={search} onSearch={onSearch} />
            )}
            <BoardView
              place={place}
              board={found}
              search={search}
              onSearch={(changed) => onSearch({ ...withoutView(search), ...changed })}
            />
          </>
        )}
      </Loaded>
      <SaveDynamic
        key={title}
        place={place}
        open={saving}
        onClose={() => setSaving(false)}
        name={search.board ?? null}
        title={title ?? ""}
        description={changed.data?.definition.description ?? null}
        dynamic={dynamicOf(search)}
      />
    </Page>
  );
}

function withoutView({ sort: _s, descending: _d, versions: _v, ...rest }: DynamicSearch): DynamicSearch {
  return rest;
}
