import { useMutation } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { api, must, type Schema } from "~/api/client";
import { Badge } from "~/components/Badge";
import { Button } from "~/components/Button";
import { TextField } from "~/components/Field";
import { Card } from "~/components/Page";
import { ErrorState } from "~/components/States";

type Channel = Schema<"TestRequest">["channel"];

function useTest(channel: Channel) {
  return useMutation({
    mutationFn: (to: string) => must(api.POST("/api/notifications/test", { body: { channel, to } })),
  });
}

interface ChannelCardProps {
  title: string;
  isSetUp: boolean;
  facts: [string, string][];
  children: ReactNode;
  /** How it is set up. */
  keys: string;
}

function ChannelCard({ title, isSetUp, facts, children, keys }: ChannelCardProps) {
  return (
    <Card className="flex flex-col gap-3">
      <h2 className="flex items-center gap-2 text-base">
        {title} <Badge tone={isSetUp ? "good" : "plain"}>{isSetUp ? "set up" : "not set up"}</Badge>
      </h2>
      {isSetUp ? (
        <>
          <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 text-xs">
            {facts.map(([name, value]) => (
              <div key={name} className="contents">
                <dt className="text-muted">{name}</dt>
                <dd className="break-all">{value}</dd>
              </div>
            ))}
          </dl>
          {children}
        </>
      ) : (
        <p className="text-muted">
          Set {keys} in weft.toml of the data folder, or as variables, and start the server again. Secrets are
          settings, and are never shown here.
        </p>
      )}
    </Card>
  );
}

function Outcomes({ test }: { test: ReturnType<typeof useTest> }) {
  return (
    <div aria-live="polite">
      {test.error && <ErrorState error={test.error} />}
      {test.data?.outcomes.map((one) => (
        <div key={one.target} className="flex flex-wrap items-baseline gap-2 text-xs">
          <Badge tone={one.sent ? "good" : "bad"}>{one.sent ? "sent" : "not sent"}</Badge>
          <span className="break-all">{one.target}</span>
          <span className="text-muted">{one.took_ms} ms</span>
          {one.error && <p className="basis-full break-words text-bad">{one.error}</p>}
          {one.remedy && <p className="basis-full font-medium">{one.remedy}</p>}
        </div>
      ))}
    </div>
  );
}

/** The mail server, and trying it. */
export function EmailCard({ email }: { email: Schema<"EmailChannel"> }) {
  const test = useTest("email");
  const [to, setTo] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    test.mutate(to.trim());
  };
  const facts: [string, string][] = [
    ["Server", `${email.host}:${email.port}`],
    ["Encryption", email.security],
    ["Login", email.username || "none"],
    ["From", email.sender],
    ["For every team", email.addresses.join(", ") || "only the team's own admins"],
  ];
  return (
    <ChannelCard title="E-mail" isSetUp={email.is_set_up} facts={facts} keys="smtp_host and smtp_from">
      <form onSubmit={submit} className="flex flex-wrap items-end gap-2">
        <div className="min-w-48 flex-1">
          <TextField
            label="Send a test to"
            type="email"
            required={email.addresses.length === 0}
            placeholder={email.addresses[0] ?? "you@example.com"}
            value={to}
            onChange={(event) => setTo(event.target.value)}
          />
        </div>
        <Button type="submit" busy={test.isPending}>
          Send a test e-mail
        </Button>
      </form>
      <Outcomes test={test} />
    </ChannelCard>
  );
}

/** The receiver of posts, and trying it. */
export function WebhookCard({ webhook }: { webhook: Schema<"WebhookChannel"> }) {
  const test = useTest("webhook");
  const facts: [string, string][] = [
    ["URL", webhook.url],
    ["Signed", webhook.is_signed ? "yes" : "no: set alert_webhook_secret"],
    ["May be private", webhook.may_be_private ? "yes" : "no"],
  ];
  return (
    <ChannelCard title="Webhook" isSetUp={webhook.is_set_up} facts={facts} keys="alert_webhook_url">
      <div>
        <Button busy={test.isPending} onClick={() => test.mutate("")}>
          Post a test
        </Button>
      </div>
      <Outcomes test={test} />
    </ChannelCard>
  );
}
