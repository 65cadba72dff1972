import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, must } from "~/api/client";
import { asApiError } from "~/api/errors";
import { Button } from "~/components/Button";
import { TextField } from "~/components/Field";
import { toast } from "~/components/Toasts";
import { sessionsQuery } from "./queries";

/** A new password; the old one is asked for, and every other session ends. */
export function PasswordForm({ username }: { username: string }) {
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: () =>
      must(api.POST("/api/me/password", { body: { old_password: old, new_password: fresh } })),
    onSuccess: async () => {
      setOld("");
      setFresh("");
      toast("Your password is changed. You are signed out everywhere else.");
      await client.invalidateQueries({ queryKey: sessionsQuery.queryKey });
    },
  });
  const error = change.error ? asApiError(change.error) : null;
  const told = error ? `${error.message}. ${error.remedy}` : null;
  const aboutNew = error?.code === "weak_password";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <form onSubmit={submit} className="flex max-w-md flex-col items-start gap-3 *:w-full">
      <input type="text" name="username" autoComplete="username" value={username} readOnly hidden />
      <TextField
        label="Old password"
        name="old-password"
        type="password"
        autoComplete="current-password"
        required
        value={old}
        onChange={(event) => setOld(event.target.value)}
        error={aboutNew ? null : told}
      />
      <TextField
        label="New password"
        name="new-password"
        type="password"
        autoComplete="new-password"
        required
        minLength={8}
        maxLength={256}
        hint="8 characters or more. You are signed out everywhere else."
        value={fresh}
        onChange={(event) => setFresh(event.target.value)}
        error={aboutNew ? told : null}
      />
      <Button type="submit" className="max-w-fit" busy={change.isPending} disabled={!old || !fresh}>
        Change password
      </Button>
    </form>
  );
}
