import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, must } from "~/api/client";
import { asApiError } from "~/api/errors";
import { meQuery } from "~/api/queries";
import { Button } from "~/components/Button";
import { TextField } from "~/components/Field";
import { toast } from "~/components/Toasts";

/** One's own e-mail address. */
export function EmailForm({ email: kept }: { email: string }) {
  const [email, setEmail] = useState(kept);
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => must(api.PATCH("/api/me", { body: { email } })),
    onSuccess: async () => {
      toast("Your e-mail address is changed.");
      await client.invalidateQueries({ queryKey: meQuery.queryKey });
    },
  });
  const error = save.error ? asApiError(save.error) : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} className="flex max-w-md flex-wrap items-start gap-2">
      <div className="min-w-0 flex-1">
        <TextField
          label="E-mail"
          name="email"
          type="email"
          autoComplete="email"
          hint="For alerts and invitations; may be empty."
          value={email}
          onChange={(event) => setEmail(event.target.value)}
          error={error ? `${error.message}. ${error.remedy}` : null}
        />
      </div>
      <Button type="submit" className="mt-5.5" busy={save.isPending} disabled={email === kept}>
        Save
      </Button>
    </form>
  );
}
