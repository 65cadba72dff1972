import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useState } from "react";
import { asApiError } from "~/api/errors";
import { Button } from "~/components/Button";
import { ConfirmDialog } from "~/components/Dialog";
import { Ago } from "~/components/Figures";
import { Page } from "~/components/Page";
import { SearchField } from "~/components/SearchField";
import { EmptyState, Loaded } from "~/components/States";
import { type Column, Table } from "~/components/Table";
import { toast } from "~/components/Toasts";
import { NewNameDialog } from "./NewNameDialog";
import { makeTeam, removeTeam, type Team, teamsQuery } from "./queries";
import { roleInWords } from "./words";

interface TeamsProps {
  search: string;
  onSearch: (text: string) => void;
  adding: boolean;
  onAdding: (adding: boolean) => void;
}

/** Every team of the server, for its admins. */
export function TeamsPage({ search, onSearch, adding, onAdding }: TeamsProps) {
  const query = useInfiniteQuery(teamsQuery(search));
  const [removing, setRemoving] = useState<Team | null>(null);
  const add = (
    <Button kind="primary" onClick={() => onAdding(true)}>
      <Plus aria-hidden className="size-4" /> New team
    </Button>
  );
  return (
    <Page
      title="Teams"
      lead="Who uses this server together, with one account and one set of limits."
      actions={add}
    >
      <SearchField label="Search teams" text={search} onSearch={onSearch} />
      <Loaded query={query}>
        {(data) => (
          <Table
            label="Teams"
            columns={columnsOf(setRemoving)}
            rows={data.pages.flatMap((page) => page.teams)}
            rowKey={(one) => one.name}
            empty={
              <EmptyState
                title={search ? "No team has such a name" : "There is no team yet"}
                action={search ? undefined : add}
              >
                {search ? "Search for another name." : "Make one: models run for teams."}
              </EmptyState>
            }
          />
        )}
      </Loaded>
      {query.hasNextPage && (
        <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          Show more
        </Button>
      )}
      <NewNameDialog
        what="team"
        open={adding}
        onClose={() => onAdding(false)}
        hint="You are its first admin. The name stands in addresses and cannot be changed."
        make={makeTeam}
      />
      {removing && <RemoveDialog team={removing.name} onClose={() => setRemoving(null)} />}
    </Page>
  );
}

function columnsOf(onRemove: (team: Team) => void): Column<Team>[] {
  return [
    {
      id: "name",
      header: "Name",
      cell: (one) => (
        <Link
          to="/settings/teams/$team/members"
          params={{ team: one.name }}
          className="font-medium break-all text-accent hover:underline"
        >
          {one.name}
        </Link>
      ),
    },
    { id: "members", header: "Members", numeric: true, cell: (one) => one.members },
    { id: "projects", header: "Projects", numeric: true, hideBelow: "sm", cell: (one) => one.projects },
    {
      id: "role",
      header: "You",
      hideBelow: "md",
      cell: (one) => (one.role ? roleInWords(one.role) : <span className="text-muted">not in it</span>),
    },
    { id: "made", header: "Made", hideBelow: "lg", cell: (one) => <Ago at={one.created_at} /> },
    {
      id: "actions",
      header: "Actions",
      numeric: true,
      cell: (one) => (
        <Button small kind="quiet" onClick={() => onRemove(one)}>
          Remove<span className="sr-only"> {one.name}</span>
        </Button>
      ),
    },
  ];
}

function RemoveDialog({ team, onClose }: { team: string; onClose: () => void }) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => removeTeam(team),
    onSuccess: () => {
      toast(`Removed the team ${team}`);
      onClose();
      void client.invalidateQueries();
    },
    onError: (error) => toast(`${asApiError(error).message}. ${asApiError(error).remedy}`, "bad"),
  });
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      title={`Remove ${team}`}
      verb="Remove team"
      typed={team}
      busy={remove.isPending}
      onConfirm={() => remove.mutate()}
    >
      Its projects with all their traces are removed for good, and its members' keys stop working in it.
      Invoices and past usage keep its name.
    </ConfirmDialog>
  );
}
