import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, must } from "~/api/client";
import { Button } from "~/components/Button";
import { Select, TextField } from "~/components/Field";
import { ErrorState } from "~/components/States";
import { toast } from "~/components/Toasts";
import { plansQuery } from "./queries";

/** Gives a team another plan. */
export function GivePlan({ team, current }: { team: string; current: string }) {
  const client = useQueryClient();
  const plans = useQuery(plansQuery);
  const [plan, setPlan] = useState(current);
  const [reason, setReason] = useState("");
  const give = useMutation({
    mutationFn: () =>
      must(api.PUT("/api/teams/{team}/plan", { params: { path: { team } }, body: { plan, reason } })),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["team-plan", team] });
      await client.invalidateQueries({ queryKey: ["limits"] });
      setReason("");
      toast(`${team} has the plan ${plan} from the next request on`);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    give.mutate();
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <div className="grid gap-3 sm:grid-cols-2">
        <Select
          label="Plan"
          value={plan}
          options={(plans.data?.plans ?? []).map((one) => ({ value: one.name, label: one.label }))}
          onChange={setPlan}
        />
        <TextField
          label="Reason"
          required
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
      </div>
      {give.error && <ErrorState error={give.error} />}
      <div>
        <Button
          type="submit"
          kind="primary"
          busy={give.isPending}
          disabled={plan === current || !reason.trim()}
        >
          Give this plan
        </Button>
      </div>
    </form>
  );
}
