import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, must, type Schema } from "~/api/client";
import { ConfirmDialog } from "~/components/Dialog";
import { TextField } from "~/components/Field";
import { ErrorState } from "~/components/States";
import { toast } from "~/components/Toasts";

/** Takes a price back that waits for its day. */
export function WithdrawPrice({ price, onClose }: { price: Schema<"DatedPrice">; onClose: () => void }) {
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const withdraw = useMutation({
    mutationFn: () =>
      must(
        api.DELETE("/api/prices/{version}", {
          params: { path: { version: price.version }, query: { reason } },
        }),
      ),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["prices"] });
      toast("The price is withdrawn");
      onClose();
    },
  });
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      title="Withdraw a price"
      verb="Withdraw it"
      busy={withdraw.isPending}
      onConfirm={() => withdraw.mutate()}
    >
      <p className="mb-3">{price.version} will not come into force. The book keeps that it was there.</p>
      <TextField
        label="Reason"
        required
        value={reason}
        maxLength={500}
        onChange={(event) => setReason(event.target.value)}
      />
      {withdraw.error && <ErrorState error={withdraw.error} />}
    </ConfirmDialog>
  );
}
