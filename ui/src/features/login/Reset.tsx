import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { api, must } from "~/api/client";
import { asApiError } from "~/api/errors";
import { Button } from "~/components/Button";
import { Ago } from "~/components/Figures";
import { ErrorState, Loaded, SkeletonRows } from "~/components/States";
import { Guest } from "./Guest";
import { NewPassword } from "./NewPassword";
import { refusal } from "./refusal";

/** A new password, by a link that an administrator made. */
export function Reset({ token }: { token: string }) {
  const reset = useQuery({
    queryKey: ["reset", token],
    queryFn: ({ signal }) => must(api.POST("/api/resets/find", { body: { token }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  return (
    <Guest title="Set a new password">
      <Loaded query={reset} loading={<SkeletonRows rows={3} />}>
        {(found) => (
          <>
            <p className="text-muted">
              For the user <b className="text-fg">{found.username}</b>. Everywhere else, {found.username} is
              signed out by it. The link ends <Ago at={found.expires_at} />.
            </p>
            <ResetForm token={token} username={found.username} />
          </>
        )}
      </Loaded>
    </Guest>
  );
}

function ResetForm({ token, username }: { token: string; username: string }) {
  const [password, setPassword] = useState("");
  const router = useRouter();
  const client = useQueryClient();
  const use = useMutation({
    mutationFn: () => must(api.POST("/api/resets/use", { body: { token, password } })),
    onSuccess: async () => {
      client.clear();
      await router.invalidate();
      router.history.replace("/inference");
    },
  });
  const error = use.error ? asApiError(use.error) : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    use.mutate();
  };
  if (error?.code === "no_reset") return <ErrorState error={error} />;
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <NewPassword
        label="New password"
        username={username}
        value={password}
        onChange={setPassword}
        error={error ? refusal(error) : null}
      />
      <Button type="submit" kind="primary" busy={use.isPending} className="h-9">
        Set the password and sign in
      </Button>
    </form>
  );
}
