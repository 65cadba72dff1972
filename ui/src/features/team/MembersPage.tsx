import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { UserPlus } from "lucide-react";
import { useState } from "react";
import { asApiError } from "~/api/errors";
import { Badge } from "~/components/Badge";
import { Button } from "~/components/Button";
import { ConfirmDialog } from "~/components/Dialog";
import { Select } from "~/components/Field";
import { Ago } from "~/components/Figures";
import { Page } from "~/components/Page";
import { SearchField } from "~/components/SearchField";
import { EmptyState, Loaded } from "~/components/States";
import { type Column, Table } from "~/components/Table";
import { toast } from "~/components/Toasts";
import { Invitations } from "./Invitations";
import { InviteDialog } from "./InviteDialog";
import { type Member, membersQuery, putMember, type Role, removeMember } from "./queries";
import { ROLES, roleInWords } from "./words";

interface MembersProps {
  team: string;
  /** Whoever is signed in. */
  username: string;
  search: string;
  onSearch: (text: string) => void;
}

/** Who is in a team, as what; its admins change it, and invite others. */
export function MembersPage({ team, username, search, onSearch }: MembersProps) {
  const query = useInfiniteQuery(membersQuery(team, search));
  const [inviting, setInviting] = useState(false);
  const [leaving, setLeaving] = useState<Member | null>(null);
  const mayManage = query.data?.pages[0]?.may_manage ?? false;
  const columns = columnsOf({ team, username, mayManage, onRemove: setLeaving });
  return (
    <Page
      title="Members"
      lead={`Who is in ${team}. Admins manage, members run models, viewers read.`}
      actions={
        mayManage && (
          <Button kind="primary" onClick={() => setInviting(true)}>
            <UserPlus aria-hidden className="size-4" /> Invite
          </Button>
        )
      }
    >
      <SearchField label="Search members" text={search} onSearch={onSearch} />
      <Loaded query={query}>
        {(data) => (
          <Table
            label="Members"
            columns={columns}
            rows={data.pages.flatMap((page) => page.members)}
            rowKey={(one) => one.username}
            empty={
              <EmptyState title={search ? "Nobody has such a name" : "Nobody is in this team yet"}>
                {search ? "Search for another name." : "Invite somebody: they come in by a link."}
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
      {mayManage && <Invitations team={team} />}
      <InviteDialog team={team} open={inviting} onClose={() => setInviting(false)} />
      {leaving && (
        <RemoveDialog team={team} member={leaving} self={username} onClose={() => setLeaving(null)} />
      )}
    </Page>
  );
}

interface ColumnsAsk {
  team: string;
  username: string;
  mayManage: boolean;
  onRemove: (member: Member) => void;
}

function columnsOf({ team, username, mayManage, onRemove }: ColumnsAsk): Column<Member>[] {
  return [
    {
      id: "name",
      header: "Name",
      cell: (one) => (
        <span className="inline-flex flex-wrap items-center gap-1.5">
          <span className="font-medium break-all">{one.username}</span>
          {one.username === username && <Badge>You</Badge>}
          {one.kind === "service" && <Badge>Service account</Badge>}
          {one.disabled_at && <Badge tone="bad">Shut out</Badge>}
        </span>
      ),
    },
    {
      id: "role",
      header: "Role",
      cell: (one) => (mayManage ? <RoleSelect team={team} member={one} /> : roleInWords(one.role)),
    },
    { id: "since", header: "Since", hideBelow: "sm", cell: (one) => <Ago at={one.since} /> },
    {
      id: "actions",
      header: "Actions",
      numeric: true,
      cell: (one) =>
        (mayManage || one.username === username) && (
          <Button small kind="quiet" onClick={() => onRemove(one)}>
            {one.username === username ? "Leave" : "Remove"}
            <span className="sr-only"> {one.username === username ? team : one.username}</span>
          </Button>
        ),
    },
  ];
}

function RoleSelect({ team, member }: { team: string; member: Member }) {
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (role: Role) => putMember(team, member.username, role),
    onSuccess: (_, role) => toast(`${member.username} is ${roleInWords(role).toLowerCase()} now`),
    onError: (error) => toast(`${asApiError(error).message}. ${asApiError(error).remedy}`, "bad"),
    onSettled: () => client.invalidateQueries({ queryKey: ["team", team, "members"] }),
  });
  return (
    <Select
      label={`Role of ${member.username}`}
      hideLabel
      className="min-w-28"
      value={change.isPending ? change.variables : member.role}
      disabled={change.isPending}
      options={ROLES.map(({ value, label }) => ({ value, label }))}
      onChange={(role) => change.mutate(role as Role)}
    />
  );
}

interface RemoveProps {
  team: string;
  member: Member;
  self: string;
  onClose: () => void;
}

function RemoveDialog({ team, member, self, onClose }: RemoveProps) {
  const client = useQueryClient();
  const own = member.username === self;
  const remove = useMutation({
    mutationFn: () => removeMember(team, member.username),
    onSuccess: () => {
      toast(own ? `You left ${team}` : `${member.username} is no longer in ${team}`);
      void client.invalidateQueries({ queryKey: own ? [] : ["team", team] });
      onClose();
    },
    onError: (error) => toast(`${asApiError(error).message}. ${asApiError(error).remedy}`, "bad"),
  });
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      title={own ? `Leave ${team}` : `Remove ${member.username}`}
      verb={own ? "Leave" : "Remove"}
      busy={remove.isPending}
      onConfirm={() => remove.mutate()}
    >
      {own ? "Your keys stop working in this team at once." : "Their keys stop working in this team at once."}{" "}
      What was used keeps its name in the team's billing.
    </ConfirmDialog>
  );
}
