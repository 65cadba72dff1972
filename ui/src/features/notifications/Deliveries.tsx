import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, must, type Schema } from "~/api/client";
import { asApiError } from "~/api/errors";
import { Badge, type Tone } from "~/components/Badge";
import { Button } from "~/components/Button";
import { Ago } from "~/components/Figures";
import { EmptyState } from "~/components/States";
import { type Column, Table } from "~/components/Table";
import { toast } from "~/components/Toasts";

type Delivery = Schema<"DeliveryInfo">;

const STATES: Record<Delivery["state"], [string, Tone]> = {
  sent: ["sent", "good"],
  waiting: ["waiting", "warn"],
  given_up: ["given up", "bad"],
};

/** What was sent lately, and what is tried again. */
export function Deliveries({ deliveries }: { deliveries: Delivery[] }) {
  const client = useQueryClient();
  const retry = useMutation({
    mutationFn: (id: string) =>
      must(
        api.POST("/api/notifications/deliveries/{message_id}/retry", {
          params: { path: { message_id: id } },
        }),
      ),
    onSuccess: () => {
      toast("It is tried again within seconds");
      return client.invalidateQueries({ queryKey: ["notifications"] });
    },
    onError: (error) => toast(asApiError(error).message, "bad"),
  });
  const columns: Column<Delivery>[] = [
    { id: "made", header: "Made", cell: (row) => <Ago at={row.made_at} /> },
    {
      id: "what",
      header: "Alert",
      cell: (row) => (
        <div className="min-w-48">
          {row.summary}
          <div className="text-xs break-all text-muted">
            {row.channel} to {row.target}
          </div>
        </div>
      ),
    },
    { id: "state", header: "State", cell: (row) => <State row={row} /> },
    { id: "attempts", header: "Attempts", numeric: true, hideBelow: "sm", cell: (row) => row.attempts },
    {
      id: "actions",
      header: "Actions",
      numeric: true,
      cell: (row) =>
        row.state !== "sent" && (
          <Button
            small
            busy={retry.isPending && retry.variables === row.id}
            onClick={() => retry.mutate(row.id)}
          >
            Try again
          </Button>
        ),
    },
  ];
  return (
    <Table
      label="Recent deliveries"
      columns={columns}
      rows={deliveries}
      rowKey={(row) => row.id}
      empty={
        <EmptyState title="No alert was sent yet">
          Alerts are sent when a team has used 50, 80 or 100 percent of its credit or of a cap.
        </EmptyState>
      }
    />
  );
}

function State({ row }: { row: Delivery }) {
  const [label, tone] = STATES[row.state];
  return (
    <div className="max-w-72">
      <Badge tone={tone}>{label}</Badge>{" "}
      {row.next_at && (
        <span className="text-xs text-muted">
          again <Ago at={row.next_at} />
        </span>
      )}
      {row.error && <div className="text-xs break-words text-bad">{row.error}</div>}
      {row.remedy && <div className="text-xs font-medium">{row.remedy}</div>}
    </div>
  );
}
