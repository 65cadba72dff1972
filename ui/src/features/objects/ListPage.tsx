import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useMemo, useState } from "react";
import { Button, buttonClass } from "~/components/Button";
import { CodeBlock } from "~/components/Copy";
import { Page } from "~/components/Page";
import { SearchField } from "~/components/SearchField";
import { EmptyState, Loaded } from "~/components/States";
import { count, plural } from "~/lib/format";
import type { Place } from "~/lib/place";
import { DeleteObjects } from "./DeleteObjects";
import { KindTabs } from "./KindTabs";
import { KINDS, type Kind } from "./kinds";
import { type ListSort, listed, narrowed } from "./list";
import { ObjectGrid } from "./ObjectGrid";
import { listQuery, MOST_VERSIONS } from "./queries";

export interface ListSearch {
  q?: string;
  sort?: string;
}

/** What the address says of a list. */
export function readList(search: Record<string, unknown>): ListSearch {
  const text = (value: unknown) =>
    value === undefined || value === "" ? undefined : String(value).slice(0, 128);
  const [q, sort] = [text(search.q), text(search.sort)];
  return { ...(q && { q }), ...(sort && { sort }) };
}

interface ListPageProps {
  place: Place;
  kind: Kind;
  search: ListSearch;
  onSearch: (search: ListSearch) => void;
  /** Buttons that make a new one. */
  actions?: ReactNode;
}

/** Everything of one kind: its latest version, how many there are, who published it, what it is called. */
export function ListPage({ place, kind, search, onSearch, actions }: ListPageProps) {
  const of = `${place.team}/${place.project}`;
  const info = KINDS[kind];
  const list = useQuery(listQuery(of, kind));
  return (
    <Page title={info.label} lead={info.lead} actions={actions} wide>
      <KindTabs place={place} />
      <Loaded query={list}>
        {(versions) =>
          versions.length === 0 ? (
            <>
              <EmptyState title={`No ${info.label.toLowerCase()} yet`}>
                {actions ? "Make one here, or publish one from Python:" : "Publish one from Python:"}
              </EmptyState>
              <CodeBlock label="Python" code={info.snippet(of)} />
            </>
          ) : (
            <List
              key={kind}
              place={place}
              kind={kind}
              search={search}
              onSearch={onSearch}
              lines={listed(versions)}
              isCut={versions.length >= MOST_VERSIONS}
            />
          )
        }
      </Loaded>
    </Page>
  );
}

interface ListProps extends Omit<ListPageProps, "actions"> {
  lines: ReturnType<typeof listed>;
  isCut: boolean;
}

function List({ place, kind, search, onSearch, lines, isCut }: ListProps) {
  const [chosen, setChosen] = useState<Set<string>>(new Set());
  const [deleting, setDeleting] = useState(false);
  const sort = sortOf(search.sort);
  const text = search.q ?? "";
  const shown = useMemo(() => narrowed(lines, text, sort), [lines, text, sort]);
  const picked = lines.filter((line) => chosen.has(line.name));
  return (
    <>
      <div className="flex flex-wrap items-center gap-2">
        <SearchField label="Search" text={text} onSearch={(q) => onSearch(readList({ ...search, q }))} />
        <span className="text-xs text-muted">
          {picked.length > 0 ? `${count(picked.length)} chosen` : plural(shown.length, KINDS[kind].one)}
        </span>
        {picked.length > 1 && (
          <Link
            to={`/${place.team}/${place.project}/weave/compare` as never}
            search={{ objects: picked.map((one) => `${one.name}:${one.latest.digest}`).join(",") } as never}
            className={buttonClass("plain", true)}
          >
            Compare
          </Link>
        )}
        {picked.length > 0 && (
          <Button small onClick={() => setDeleting(true)}>
            Delete…
          </Button>
        )}
      </div>
      {isCut && (
        <p className="text-xs text-muted">
          Of the newest {count(MOST_VERSIONS)} versions; older ones are in the store and not in this list.
        </p>
      )}
      <ObjectGrid
        place={place}
        label={KINDS[kind].label}
        isOp={kind === "ops"}
        lines={shown}
        sort={sort}
        onSort={({ by, descending }) => onSearch({ ...search, sort: `${descending ? "-" : ""}${by}` })}
        selection={{ keys: chosen, onChange: setChosen }}
      />
      {deleting && (
        <DeleteObjects
          of={`${place.team}/${place.project}`}
          lines={picked}
          onClose={() => setDeleting(false)}
          onDone={() => setChosen(new Set())}
        />
      )}
    </>
  );
}

const NEWEST: ListSort = { by: "updated", descending: true };

function sortOf(text: string | undefined): ListSort {
  return text ? { by: text.replace(/^-/, ""), descending: text.startsWith("-") } : NEWEST;
}
