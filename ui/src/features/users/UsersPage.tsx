import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Ellipsis, UserPlus } from "lucide-react";
import { useState } from "react";
import { asApiError } from "~/api/errors";
import { Badge } from "~/components/Badge";
import { Button, IconButton } from "~/components/Button";
import { ConfirmDialog } from "~/components/Dialog";
import { Ago } from "~/components/Figures";
import { Menu, MenuItem, MenuSeparator } from "~/components/Menu";
import { Page } from "~/components/Page";
import { SearchField } from "~/components/SearchField";
import { EmptyState, Loaded } from "~/components/States";
import { type Column, Table } from "~/components/Table";
import { toast } from "~/components/Toasts";
import { NewUserDialog } from "./NewUserDialog";
import { PasswordLinkDialog } from "./PasswordLinkDialog";
import { changeUser, type User, type UserChange, usersQuery } from "./queries";

interface UsersProps {
  search: string;
  onSearch: (text: string) => void;
}

type Opened = { what: "new" } | { what: "link" | "disable" | "demote"; user: User } | null;

/** Everybody who may use this server, for its admins. */
export function UsersPage({ search, onSearch }: UsersProps) {
  const query = useInfiniteQuery(usersQuery(search));
  const [opened, open] = useState<Opened>(null);
  const change = useChange();
  const close = () => open(null);
  return (
    <Page
      title="Users"
      lead="People log in; service accounts only hold keys."
      actions={
        <Button kind="primary" onClick={() => open({ what: "new" })}>
          <UserPlus aria-hidden className="size-4" /> New user
        </Button>
      }
    >
      <SearchField label="Search users" text={search} onSearch={onSearch} />
      <Loaded query={query}>
        {(data) => (
          <Table
            label="Users"
            columns={columnsOf(open, (user, wanted) => change.mutate({ user, wanted }))}
            rows={data.pages.flatMap((page) => page.users)}
            rowKey={(one) => one.id}
            empty={
              <EmptyState title="No user has such a name or address">Search for another one.</EmptyState>
            }
          />
        )}
      </Loaded>
      {query.hasNextPage && (
        <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          Show more
        </Button>
      )}
      {opened?.what === "new" && <NewUserDialog onClose={close} />}
      {opened?.what === "link" && <PasswordLinkDialog username={opened.user.username} onClose={close} />}
      {(opened?.what === "disable" || opened?.what === "demote") && (
        <ConfirmDialog
          open
          onClose={close}
          title={
            opened.what === "disable"
              ? `Shut ${opened.user.username} out`
              : `${opened.user.username}: no admin any more`
          }
          verb={opened.what === "disable" ? "Shut out" : "Take the rights"}
          busy={change.isPending}
          onConfirm={() =>
            change.mutate(
              {
                user: opened.user,
                wanted: opened.what === "disable" ? { disabled: true } : { is_admin: false },
              },
              { onSettled: close },
            )
          }
        >
          {opened.what === "disable"
            ? "No key and no login of this user works any more, from the next request on. You can let them in again."
            : "The user stays in their teams, with the roles that they have there."}
        </ConfirmDialog>
      )}
    </Page>
  );
}

function useChange() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ user, wanted }: { user: User; wanted: UserChange }) => changeUser(user.username, wanted),
    onSuccess: (user) => toast(`Changed ${user.username}`),
    onError: (error) => toast(`${asApiError(error).message}. ${asApiError(error).remedy}`, "bad"),
    onSettled: () => client.invalidateQueries({ queryKey: ["users"] }),
  });
}

function columnsOf(
  open: (opened: Opened) => void,
  change: (user: User, wanted: UserChange) => void,
): Column<User>[] {
  return [
    {
      id: "name",
      header: "Name",
      cell: (one) => (
        <>
          <span className="inline-flex flex-wrap items-center gap-1.5">
            <span className="font-medium break-all">{one.username}</span>
            {one.is_admin && <Badge tone="accent">Server admin</Badge>}
            {one.kind === "service" && <Badge>Service account</Badge>}
            {one.disabled_at && <Badge tone="bad">Shut out</Badge>}
          </span>
          {one.email && <div className="text-xs break-all text-muted">{one.email}</div>}
        </>
      ),
    },
    { id: "teams", header: "Teams", hideBelow: "sm", cell: (one) => <Teams user={one} /> },
    { id: "made", header: "Made", hideBelow: "md", cell: (one) => <Ago at={one.created_at} /> },
    {
      id: "actions",
      header: "Actions",
      numeric: true,
      cell: (one) => <Actions user={one} open={open} change={change} />,
    },
  ];
}

const SHOWN = 4;

function Teams({ user: { teams } }: { user: User }) {
  if (teams.length === 0) return <span className="text-muted">none</span>;
  const shown = teams
    .slice(0, SHOWN)
    .map(({ team, role }) => (role === "member" ? team : `${team} (${role})`))
    .join(", ");
  return (
    <span title={teams.map((one) => one.team).join("\n")}>
      {teams.length > SHOWN ? `${shown}, …` : shown}
    </span>
  );
}

interface ActionsProps {
  user: User;
  open: (opened: Opened) => void;
  change: (user: User, wanted: UserChange) => void;
}

function Actions({ user, open, change }: ActionsProps) {
  const person = user.kind === "person";
  const button = (
    <IconButton label={`What to do with ${user.username}`}>
      <Ellipsis aria-hidden className="size-4" />
    </IconButton>
  );
  return (
    <Menu button={button}>
      {person && (
        <MenuItem onSelect={() => open({ what: "link", user })}>Make a link that sets the password</MenuItem>
      )}
      {person && !user.is_admin && (
        <MenuItem onSelect={() => change(user, { is_admin: true })}>Make an admin of the server</MenuItem>
      )}
      {user.is_admin && (
        <MenuItem onSelect={() => open({ what: "demote", user })}>Take the admin's rights</MenuItem>
      )}
      {person && <MenuSeparator />}
      {user.disabled_at ? (
        <MenuItem onSelect={() => change(user, { disabled: false })}>Let in again</MenuItem>
      ) : (
        <MenuItem onSelect={() => open({ what: "disable", user })}>Shut out</MenuItem>
      )}
    </Menu>
  );
}
