import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api, must } from "~/api/client";
import { Button } from "~/components/Button";
import { Card, Page } from "~/components/Page";
import { ErrorState } from "~/components/States";
import { plural } from "~/lib/format";
import { clientKeyName } from "./clients";
import { stateOf } from "./keys";
import { NewKey } from "./NewKey";
import { keysQuery } from "./queries";

/** Where clients send people who have no key yet: `wandb login` prints this address. */
export function Authorize() {
  const client = useQueryClient();
  const keys = useQuery(keysQuery);
  const make = useMutation({
    mutationFn: () => {
      const now = new Date();
      const body = { name: clientKeyName(now), scopes: ["inference" as const, "traces" as const] };
      return must(api.POST("/api/keys", { body }));
    },
    onSuccess: () => client.invalidateQueries({ queryKey: keysQuery.queryKey }),
  });
  const now = new Date();
  const working = keys.data?.keys.filter((key) => stateOf(key, now) === "active").length;
  return (
    <Page title="Get an API key" lead="A client that asks for your key wants one of this server.">
      <Card className="max-w-2xl">
        {make.data ? (
          <NewKey apiKey={make.data.api_key} />
        ) : (
          <div className="flex flex-col items-start gap-3">
            <p>
              A new key runs models and writes traces in all of your teams, until you revoke it. It is shown
              once, here.
            </p>
            <Button kind="primary" busy={make.isPending} onClick={() => make.mutate()}>
              Make a key
            </Button>
            {make.error && <ErrorState error={make.error} />}
            <p className="min-h-5 text-xs text-muted">
              {working !== undefined && (
                <>
                  You have {plural(working, "key")} that {working === 1 ? "works" : "work"}; a key cannot be
                  shown again.{" "}
                  <Link to="/settings/keys" className="text-accent underline">
                    See your keys, or make a narrower one
                  </Link>
                </>
              )}
            </p>
          </div>
        )}
      </Card>
    </Page>
  );
}
