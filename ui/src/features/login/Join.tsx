import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useLocation, useRouter } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { api, must } from "~/api/client";
import { asApiError } from "~/api/errors";
import { Button } from "~/components/Button";
import { TextField } from "~/components/Field";
import { NewPassword } from "./NewPassword";
import { refusal } from "./refusal";

interface JoinProps {
  token: string;
  /** The address that was invited; may be empty. */
  email: string;
}

/** Coming into a team as somebody new. */
export function Join({ token, email: invited }: JoinProps) {
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [email, setEmail] = useState(invited);
  const router = useRouter();
  const client = useQueryClient();
  const { href } = useLocation();
  const join = useMutation({
    mutationFn: () => must(api.POST("/api/invitations/join", { body: { token, username, password, email } })),
    onSuccess: async () => {
      client.clear();
      await router.invalidate();
      router.history.replace("/inference");
    },
  });
  const error = join.error ? asApiError(join.error) : null;
  const of = (param: string) => (error?.param === param ? refusal(error) : null);
  const elsewhere = error && !["user", "password", "email"].includes(error.param ?? "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    join.mutate();
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
        maxLength={128}
        hint="Letters, digits, dots, hyphens and underscores. Nobody can change it later."
        value={username}
        onChange={(event) => setUsername(event.target.value)}
        error={of("user")}
      />
      <TextField
        label="E-mail"
        name="email"
        type="email"
        autoComplete="email"
        hint="Optional."
        value={email}
        onChange={(event) => setEmail(event.target.value)}
        error={of("email")}
      />
      <NewPassword
        value={password}
        onChange={setPassword}
        error={of("password") ?? (elsewhere ? refusal(error) : null)}
      />
      <Button type="submit" kind="primary" busy={join.isPending} className="h-9">
        Create the user and join
      </Button>
      <p className="text-xs text-muted">
        Do you have a user here?{" "}
        <Link to="/login" search={{ next: href }} className="text-accent underline">
          Sign in to join as that one
        </Link>
        .
      </p>
    </form>
  );
}
