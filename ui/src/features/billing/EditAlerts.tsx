import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, must, type Schema } from "~/api/client";
import { Button } from "~/components/Button";
import { CodeBlock } from "~/components/Copy";
import { Dialog } from "~/components/Dialog";
import { Checkbox, TextArea, TextField } from "~/components/Field";
import { ErrorState, Loaded, SkeletonRows } from "~/components/States";
import { toast } from "~/components/Toasts";
import { type AlertRule, draftOf, mistakes, requestOf } from "./alertRule";
import { alertRuleQuery } from "./queries";
import { TestWebhook } from "./TestWebhook";

interface EditAlertsProps {
  card: Schema<"BillingCard">;
  onClose: () => void;
}

/** At which thresholds a team is told, and who: as its admins set it. */
export function EditAlerts({ card, onClose }: EditAlertsProps) {
  const query = useQuery({ ...alertRuleQuery(card.team), staleTime: 0, gcTime: 0 });
  const [secret, setSecret] = useState("");
  return (
    <Dialog open onClose={onClose} title={`Alerts of ${card.team}`} wide>
      {secret === "" ? (
        <Loaded query={query} loading={<SkeletonRows rows={6} />}>
          {(rule) => <Form card={card} rule={rule} onClose={onClose} onSecret={setSecret} />}
        </Loaded>
      ) : (
        <div className="flex flex-col gap-3">
          <p>
            Posts to the new webhook are signed with this secret. Keep it at the receiver: it is shown only
            now.
          </p>
          <CodeBlock label="secret" code={secret} />
          <TestWebhook team={card.team} />
          <div className="flex justify-end">
            <Button kind="primary" onClick={onClose}>
              Done
            </Button>
          </div>
        </div>
      )}
    </Dialog>
  );
}

interface FormProps extends EditAlertsProps {
  rule: AlertRule;
  onSecret: (secret: string) => void;
}

function Form({ card, rule, onClose, onSecret }: FormProps) {
  const client = useQueryClient();
  const [draft, setDraft] = useState(() => draftOf(rule));
  const wrong = mistakes(draft);
  const save = useMutation({
    mutationFn: () =>
      must(
        api.PUT("/api/billing/{team}/alerts", {
          params: { path: { team: card.team } },
          body: requestOf(draft),
        }),
      ),
    onSuccess: async (told) => {
      await client.invalidateQueries({ queryKey: ["billing", card.team] });
      toast("The alerts are set.");
      if (told.new_secret) onSecret(told.new_secret);
      else onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (Object.keys(wrong).length === 0) save.mutate();
  };
  const field = (name: "percents" | "steps" | "emails" | "webhook") => ({
    value: draft[name],
    error: wrong[name] ?? null,
    onChange: (event: { target: { value: string } }) => setDraft({ ...draft, [name]: event.target.value }),
  });
  const admins = rule.admin_emails.join(", ") || "none of them has an address yet";
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <TextField
        label="Percent of credit and caps"
        hint="Of the month's credit, and of each cap of the whole team. Empty: no such alerts."
        inputMode="numeric"
        {...field("percents")}
      />
      <TextField
        label="Dollars beyond credit"
        hint="Within a month; each is told once. Empty: no such alerts."
        inputMode="numeric"
        {...field("steps")}
      />
      <Checkbox
        label={`Mail the team's admins: ${admins}`}
        checked={draft.tellsAdmins}
        onChange={(tellsAdmins) => setDraft({ ...draft, tellsAdmins })}
      />
      <TextArea
        label="Mail others"
        hint={
          card.alert_setup.has_email
            ? "Addresses, one a line."
            : "This server has no mail server set up: nobody gets mail until it has."
        }
        rows={3}
        {...field("emails")}
      />
      <TextField
        label="Webhook"
        hint="HTTPS, at a public address. A new URL gets a signing secret, shown once. Whoever runs the server may have alerts of every team sent elsewhere besides."
        placeholder="https://hooks.example.com/weft"
        {...field("webhook")}
      />
      {rule.webhook_url !== "" &&
        (draft.webhook.trim() === rule.webhook_url ? (
          <TestWebhook team={card.team} />
        ) : (
          <p className="text-xs text-muted">Save it, and then send it a test.</p>
        ))}
      {save.error && <ErrorState error={save.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" kind="primary" disabled={Object.keys(wrong).length > 0} busy={save.isPending}>
          Save
        </Button>
      </div>
    </form>
  );
}
