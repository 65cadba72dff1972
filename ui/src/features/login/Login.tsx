import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { api, must } from "~/api/client";
import { asApiError } from "~/api/errors";
import { Button } from "~/components/Button";
import { TextField } from "~/components/Field";
import { usePageTitle } from "~/components/Page";
import { ownPath } from "~/lib/next";

/** The way in by name and password. */
export function Login({ next }: { next: string | undefined }) {
  usePageTitle("Sign in");
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const router = useRouter();
  const client = useQueryClient();
  const login = useMutation({
    mutationFn: () => must(api.POST("/api/login", { body: { username, password } })),
    onSuccess: async () => {
      client.clear();
      await router.invalidate();
      router.history.push(ownPath(next));
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    login.mutate();
  };
  const refusal = login.error ? asApiError(login.error) : null;
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-80 flex-col justify-center gap-4 p-4">
      <h1 className="text-lg">Sign in to Weft</h1>
      <form onSubmit={submit} className="flex flex-col gap-3">
        <TextField
          label="User name"
          name="username"
          autoComplete="username"
          required
          autoFocus
          value={username}
          onChange={(event) => setUsername(event.target.value)}
        />
        <TextField
          label="Password"
          name="password"
          type="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          error={refusal ? `${refusal.message}. ${refusal.remedy}` : null}
        />
        <Button type="submit" kind="primary" busy={login.isPending}>
          Sign in
        </Button>
      </form>
    </main>
  );
}
