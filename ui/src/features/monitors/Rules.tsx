import { Bell } from "lucide-react";
import { Ago } from "~/components/Figures";
import { Card, Section } from "~/components/Page";
import type { Monitor } from "./queries";
import { ruleText } from "./words";

/** Whom a monitor tells, and when it did last. */
export function Rules({ monitor }: { monitor: Monitor }) {
  return (
    <Section title="Alerts" lead="Told to the team's admins by e-mail and to the server's webhook.">
      <Card>
        {monitor.rules.length === 0 ? (
          <p className="text-muted">No rules yet. Edit the monitor to add one.</p>
        ) : (
          <ul className="flex flex-col gap-2">
            {monitor.rules.map((rule) => (
              <li key={rule.id} className="flex gap-2">
                <Bell aria-hidden className="mt-0.5 size-3.5 shrink-0 text-muted" />
                <div>
                  {ruleText(rule)}{" "}
                  <span className="text-xs text-muted">
                    {rule.told_at ? (
                      <>
                        Told <Ago at={rule.told_at} />.
                      </>
                    ) : (
                      "Not told yet."
                    )}
                  </span>
                </div>
              </li>
            ))}
          </ul>
        )}
      </Card>
    </Section>
  );
}
