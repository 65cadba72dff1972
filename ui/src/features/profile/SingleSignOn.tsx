import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, must } from "~/api/client";
import { type Me, meQuery } from "~/api/queries";
import { waysQuery } from "~/api/ways";
import { Button } from "~/components/Button";
import { ConfirmDialog } from "~/components/Dialog";
import { Section } from "~/components/Page";
import { ErrorState } from "~/components/States";

/** Signing in with an account at the provider, where one is set up. */
export function SingleSignOn({ me }: { me: Me }) {
  const { data: ways } = useQuery(waysQuery());
  const [asking, setAsking] = useState(false);
  const client = useQueryClient();
  const connect = useMutation({
    mutationFn: () => must(api.POST("/api/me/oidc")),
    onSuccess: ({ url }) => window.location.assign(url),
  });
  const disconnect = useMutation({
    mutationFn: () => must(api.DELETE("/api/me/oidc")),
    onSuccess: async () => {
      setAsking(false);
      await client.invalidateQueries({ queryKey: meQuery.queryKey });
    },
  });
  if (!ways?.oidc) return null;
  const name = ways.oidc.name;
  return (
    <Section title="Single sign-on">
      {me.has_single_sign_on ? (
        <div className="flex flex-wrap items-center gap-3">
          <span>You can sign in with {name}.</span>
          <Button onClick={() => setAsking(true)}>Disconnect</Button>
        </div>
      ) : (
        <div className="flex flex-wrap items-center gap-3">
          <span className="text-muted">Connect your account there, and sign in with one click.</span>
          <Button busy={connect.isPending} onClick={() => connect.mutate()}>
            Connect {name}
          </Button>
        </div>
      )}
      {connect.error && <ErrorState error={connect.error} />}
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={`Disconnect ${name}?`}
        verb="Disconnect"
        busy={disconnect.isPending}
        onConfirm={() => disconnect.mutate()}
      >
        <p>You sign in with your password from then on.</p>
        {disconnect.error && <ErrorState error={disconnect.error} />}
      </ConfirmDialog>
    </Section>
  );
}
