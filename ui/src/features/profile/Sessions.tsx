import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, must, type Schema } from "~/api/client";
import { asApiError } from "~/api/errors";
import { Badge } from "~/components/Badge";
import { Button } from "~/components/Button";
import { Ago } from "~/components/Figures";
import { Section } from "~/components/Page";
import { Loaded, SkeletonRows } from "~/components/States";
import { type Column, Table } from "~/components/Table";
import { toast } from "~/components/Toasts";
import { deviceName } from "./device";
import { sessionsQuery } from "./queries";

type Session = Schema<"SessionInfo">;

/** Where one is signed in, and the way to end that. */
export function Sessions() {
  const sessions = useQuery(sessionsQuery);
  const client = useQueryClient();
  const ended = {
    onSuccess: () => client.invalidateQueries({ queryKey: sessionsQuery.queryKey }),
    onError: (error: unknown) => toast(asApiError(error).message, "bad"),
  };
  const end = useMutation({
    mutationFn: (session: string) =>
      must(api.DELETE("/api/me/sessions/{session}", { params: { path: { session } } })),
    ...ended,
  });
  const endOthers = useMutation({ mutationFn: () => must(api.DELETE("/api/me/sessions")), ...ended });
  const columns: Column<Session>[] = [
    { id: "device", header: "Device", cell: (one) => <Device one={one} /> },
    { id: "seen", header: "Last seen", cell: (one) => <Ago at={one.seen_at} /> },
    { id: "since", header: "Signed in", hideBelow: "sm", cell: (one) => <Ago at={one.created_at} /> },
    { id: "until", header: "Ends", hideBelow: "md", cell: (one) => <Ago at={one.expires_at} /> },
    {
      id: "end",
      header: "Actions",
      hideHeader: true,
      numeric: true,
      cell: (one) =>
        !one.is_this && (
          <Button
            small
            kind="quiet"
            aria-label={`Sign out ${deviceName(one.device)}`}
            busy={end.isPending && end.variables === one.id}
            onClick={() => end.mutate(one.id)}
          >
            Sign out
          </Button>
        ),
    },
  ];
  const others = sessions.data?.sessions.some((one) => !one.is_this) ?? false;
  return (
    <Section
      title="Where you are signed in"
      lead="API keys are no sessions: they are in Settings > API keys."
      actions={
        others && (
          <Button busy={endOthers.isPending} onClick={() => endOthers.mutate()}>
            Sign out everywhere else
          </Button>
        )
      }
    >
      <Loaded query={sessions} loading={<SkeletonRows rows={2} />}>
        {({ sessions: all }) => (
          <Table label="Sessions" columns={columns} rows={all} rowKey={(one) => one.id} />
        )}
      </Loaded>
    </Section>
  );
}

function Device({ one }: { one: Session }) {
  return (
    <span className="flex flex-wrap items-center gap-2" title={one.device}>
      {deviceName(one.device)} {one.is_this && <Badge tone="good">this one</Badge>}
    </span>
  );
}
