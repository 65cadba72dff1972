import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, must, type Schema } from "~/api/client";
import { ConfirmDialog } from "~/components/Dialog";
import { TextField } from "~/components/Field";
import { ErrorState } from "~/components/States";
import { toast } from "~/components/Toasts";
import { title } from "./figures";

/** Takes a limit out of force. */
export function EndLimit({ rule, onClose }: { rule: Schema<"SetLimitInfo">; onClose: () => void }) {
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const end = useMutation({
    mutationFn: () =>
      must(
        api.DELETE("/api/limits/set/{limit_id}", {
          params: { path: { limit_id: rule.id }, query: { reason } },
        }),
      ),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["limits"] });
      toast("The limit has ended");
      onClose();
    },
  });
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      title="End a limit"
      verb="End the limit"
      busy={end.isPending}
      onConfirm={() => end.mutate()}
    >
      <p className="mb-3">
        {title(rule)} of {rule.name} is limited no more, but for what the plan says. The history keeps it.
      </p>
      <TextField
        label="Reason"
        value={reason}
        maxLength={500}
        onChange={(event) => setReason(event.target.value)}
      />
      {end.error && <ErrorState error={end.error} />}
    </ConfirmDialog>
  );
}
