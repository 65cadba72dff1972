import { Bell } from "lucide-react";
import { useState } from "react";
import type { Schema } from "~/api/client";
import { Button } from "~/components/Button";
import { Ago } from "~/components/Figures";
import { Card, Section } from "~/components/Page";
import { plural } from "~/lib/format";
import { nusd, usd } from "~/lib/money";
import { EditAlerts } from "./EditAlerts";
import { alertText, deliveryText } from "./words";

const SHOWN = 5;

/** Thresholds that were reached, and who is told of them. */
export function Alerts({ card }: { card: Schema<"BillingCard"> }) {
  const { alerts, alert_setup: setup } = card;
  const [editing, setEditing] = useState(false);
  const told = [
    setup.has_team_webhook ? "the team's webhook" : "",
    setup.has_email
      ? `${setup.emails.join(", ") || "nobody of the team by mail"}${
          setup.more_emails ? ` and ${plural(setup.more_emails, "more address", "more addresses")}` : ""
        }`
      : "no e-mail: this server has no mail server set up",
    setup.has_webhook ? "the server's webhook" : "",
  ].filter(Boolean);
  return (
    <Section
      title="Usage alerts"
      actions={
        <Button small onClick={() => setEditing(true)}>
          Edit
        </Button>
      }
    >
      {editing && <EditAlerts card={card} onClose={() => setEditing(false)} />}
      <Card className="flex flex-col gap-3">
        {alerts.length === 0 ? (
          <p className="text-muted">Nothing was reached yet.</p>
        ) : (
          <ul className="flex flex-col gap-2">
            {alerts.slice(0, SHOWN).map((alert) => (
              <li key={alert.id} className="flex gap-2">
                <Bell aria-hidden className="mt-0.5 size-3.5 shrink-0 text-warn" />
                <div>
                  <div>{alertText(alert)}</div>
                  <div className="text-xs text-muted">
                    <Ago at={alert.made_at} />, {deliveryText(alert)}
                  </div>
                </div>
              </li>
            ))}
          </ul>
        )}
        <p className="text-xs text-muted">
          {setup.percents.length > 0
            ? `At ${setup.percents.join(", ")} % of credit and caps`
            : "At no part of credit and caps"}
          {setup.overage_steps_nusd.length > 0 &&
            `, and at ${setup.overage_steps_nusd.map((step) => usd(nusd(step))).join(", ")} beyond credit`}
          . Told: {told.join("; ")}.
        </p>
      </Card>
    </Section>
  );
}
