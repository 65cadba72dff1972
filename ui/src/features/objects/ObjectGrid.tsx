import { useNavigate } from "@tanstack/react-router";
import { Ago } from "~/components/Figures";
import type { GridColumn } from "~/components/grid/columns";
import { Grid, type Selection } from "~/components/grid/Grid";
import { EmptyState } from "~/components/States";
import { count } from "~/lib/format";
import type { Place } from "~/lib/place";
import type { Listed, ListSort } from "./list";
import { VersionLink } from "./VersionLink";
import { Words } from "./Words";

interface ObjectGridProps {
  place: Place;
  label: string;
  isOp: boolean;
  lines: Listed[];
  sort: ListSort;
  onSort: (sort: ListSort) => void;
  selection: Selection;
}

export function ObjectGrid({ place, label, isOp, lines, sort, onSort, selection }: ObjectGridProps) {
  const navigate = useNavigate();
  const columns: GridColumn<Listed>[] = [
    {
      id: "name",
      header: "Name",
      width: 220,
      sortable: true,
      cell: ({ name, latest }) => (
        <VersionLink place={place} isOp={isOp} name={name} digest={latest.digest}>
          {name}
        </VersionLink>
      ),
      title: ({ name }) => name,
    },
    { id: "class", header: "Class", width: 140, cell: ({ latest }) => latest.leaf_object_class ?? "" },
    { id: "latest", header: "Latest", width: 80, cell: ({ latest }) => `v${latest.version_index}` },
    {
      id: "versions",
      header: "Versions",
      width: 90,
      numeric: true,
      sortable: true,
      cell: ({ versions }) => count(versions),
    },
    {
      id: "updated",
      header: "Updated",
      width: 140,
      sortable: true,
      cell: ({ latest }) => <Ago at={latest.created_at} />,
    },
    { id: "by", header: "By", width: 120, cell: ({ latest }) => latest.wb_username ?? "" },
    {
      id: "words",
      header: "Aliases and tags",
      width: 320,
      cell: ({ aliases, tags }) => (
        <Words aliases={aliases.map(({ word, version }) => `${word} v${version}`)} tags={tags} />
      ),
    },
  ];
  const shown = isOp ? columns.filter((one) => one.id !== "class") : columns;
  return (
    <Grid
      label={label}
      columns={shown}
      rows={lines}
      rowKey={(line) => line.name}
      sort={sort}
      onSort={onSort}
      selection={selection}
      onOpen={({ name, latest }) =>
        void navigate({
          to: isOp
            ? "/$team/$project/weave/ops/$name/versions/$digest"
            : "/$team/$project/weave/objects/$name/versions/$digest",
          params: { ...place, name, digest: latest.digest },
        })
      }
      empty={<EmptyState title="Nothing matches the search" />}
    />
  );
}
