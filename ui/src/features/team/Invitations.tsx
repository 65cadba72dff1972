import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { asApiError } from "~/api/errors";
import { Button } from "~/components/Button";
import { Ago } from "~/components/Figures";
import { Section } from "~/components/Page";
import { Loaded } from "~/components/States";
import { type Column, Table } from "~/components/Table";
import { toast } from "~/components/Toasts";
import { type Invitation, invitationsQuery, withdraw } from "./queries";
import { openOnes, roleInWords } from "./words";

/** The invitations that still let somebody in. */
export function Invitations({ team }: { team: string }) {
  const query = useQuery(invitationsQuery(team));
  const client = useQueryClient();
  const end = useMutation({
    mutationFn: (id: string) => withdraw(team, id),
    onSuccess: () => toast("The invitation works no more"),
    onError: (error) => toast(asApiError(error).message, "bad"),
    onSettled: () => client.invalidateQueries({ queryKey: ["team", team, "invitations"] }),
  });
  const columns: Column<Invitation>[] = [
    { id: "for", header: "For", cell: (one) => one.email || "whoever has the link" },
    { id: "role", header: "Role", cell: (one) => roleInWords(one.role) },
    { id: "by", header: "By", hideBelow: "md", cell: (one) => one.invited_by ?? "command line" },
    { id: "ends", header: "Ends", hideBelow: "sm", cell: (one) => <Ago at={one.expires_at} /> },
    {
      id: "actions",
      header: "Actions",
      numeric: true,
      cell: (one) => (
        <Button small kind="quiet" disabled={end.isPending} onClick={() => end.mutate(one.id)}>
          Withdraw<span className="sr-only"> the invitation for {one.email || "whoever has the link"}</span>
        </Button>
      ),
    },
  ];
  return (
    <Section title="Open invitations">
      <Loaded query={query}>
        {(data) => (
          <Table
            label="Invitations"
            columns={columns}
            rows={openOnes(data.invitations)}
            rowKey={(one) => one.id}
            empty={<p className="text-muted">None. A link works once, and shows here until it is used.</p>}
          />
        )}
      </Loaded>
    </Section>
  );
}
