import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useRouter } from "@tanstack/react-router";
import { api, must } from "~/api/client";
import { asApiError } from "~/api/errors";
import { meQuery } from "~/api/queries";
import { Button } from "~/components/Button";
import { Notice } from "./Guest";
import { refusal } from "./refusal";

interface AcceptProps {
  token: string;
  team: string;
  username: string;
}

/** Coming into a team as the user who is signed in. */
export function Accept({ token, team, username }: AcceptProps) {
  const router = useRouter();
  const client = useQueryClient();
  const accept = useMutation({
    mutationFn: () => must(api.POST("/api/invitations/accept", { body: { token } })),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: meQuery.queryKey });
      await router.invalidate();
      router.history.replace("/inference");
    },
  });
  const leave = useMutation({
    mutationFn: () => must(api.POST("/api/logout")),
    onSuccess: () => client.resetQueries({ queryKey: meQuery.queryKey }),
  });
  const error = accept.error ?? leave.error;
  return (
    <div className="flex flex-col gap-3">
      {error && (
        <Notice title={`You could not join ${team}`}>
          {refusal(asApiError(error))}{" "}
          <Link to="/inference" className="underline">
            Go on to the console
          </Link>
        </Notice>
      )}
      <Button kind="primary" className="h-9" busy={accept.isPending} onClick={() => accept.mutate()}>
        Join as {username}
      </Button>
      <Button kind="quiet" busy={leave.isPending} onClick={() => leave.mutate()}>
        I am somebody else
      </Button>
    </div>
  );
}
