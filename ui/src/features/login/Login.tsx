import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { api, must } from "~/api/client";
import { asApiError } from "~/api/errors";
import { meQuery } from "~/api/queries";
import { waysQuery } from "~/api/ways";
import { Button, buttonClass } from "~/components/Button";
import { TextField } from "~/components/Field";
import { ownPath } from "~/lib/next";
import { Guest, Notice } from "./Guest";
import { refusal } from "./refusal";

interface LoginProps {
  /** Where to go afterwards. */
  next: string | undefined;
  /** The code of what went wrong on another way in. */
  problem: string | undefined;
}

/** The ways in: name and password, and single sign-on where it is set up. */
export function Login({ next, problem }: LoginProps) {
  const ways = useQuery(waysQuery(problem));
  const me = useQueryClient().getQueryData(meQuery.queryKey);
  const told = ways.data?.problem;
  const sso = ways.data?.oidc;
  return (
    <Guest title="Sign in">
      {told && <Notice title={told.title}>{told.remedy}</Notice>}
      {me && (
        <p className="text-muted">
          You are signed in as {me.username}.{" "}
          <a href={ownPath(next)} className="text-accent underline">
            Go on to the console
          </a>
        </p>
      )}
      {sso && (
        <>
          <a
            className={`${buttonClass("plain")} h-9`}
            href={`/oidc/login?next=${encodeURIComponent(ownPath(next))}`}
          >
            Continue with {sso.name}
          </a>
          <div className="flex items-center gap-3 text-xs text-muted">
            <hr className="flex-1 border-line" /> or <hr className="flex-1 border-line" />
          </div>
        </>
      )}
      <PasswordForm next={next} />
      <p className="text-xs text-muted">
        No account? Ask for an invitation. Forgot your password? An administrator of this server makes a link
        that sets a new one.
      </p>
    </Guest>
  );
}

function PasswordForm({ next }: { next: string | undefined }) {
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
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <TextField
        label="User name"
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
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
        error={login.error ? refusal(asApiError(login.error)) : null}
      />
      <Button type="submit" kind="primary" busy={login.isPending} className="h-9">
        Sign in
      </Button>
    </form>
  );
}
