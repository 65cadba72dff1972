import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { refOf } from "~/api/weave/refs";
import { Badge } from "~/components/Badge";
import { Ago } from "~/components/Figures";
import { Card, Section } from "~/components/Page";
import type { Place } from "~/lib/place";
import type { Monitor } from "./queries";
import { opName, valueText } from "./words";

/** How a monitor is set up. */
export function Facts({ place, monitor }: { place: Place; monitor: Monitor }) {
  const facts: [string, ReactNode][] = [
    ["Ops", monitor.op_names.map(opName).join(", ") || "every op"],
    ["Sample", `${valueText(monitor.sampling_rate, true)} of calls, by their ids`],
    ["Filter", monitor.query ? <Json key="query" value={monitor.query} /> : "none"],
    [
      "Version",
      <span key="version">
        <Link
          to="/$team/$project/weave/objects/$name/versions/$digest"
          params={{ ...place, name: monitor.name, digest: monitor.digest }}
          className="font-mono text-xs break-all text-accent"
        >
          {monitor.digest.slice(0, 12)}
        </Link>{" "}
        published by {monitor.published_by || "somebody"} <Ago at={monitor.published_at} />
      </span>,
    ],
  ];
  return (
    <Section title="Set-up">
      <Card className="flex flex-col gap-4">
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5">
          {facts.map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-muted">{name}</dt>
              <dd className="min-w-0 break-words">{value}</dd>
            </div>
          ))}
        </dl>
        <ul aria-label="Scorers" className="flex flex-col gap-3">
          {monitor.scorers.map((scorer) => (
            <li key={scorer.ref || scorer.name} className="flex flex-col gap-1">
              <div className="flex flex-wrap items-center gap-2">
                <span className="font-medium">{scorer.name || refOf(scorer.ref)?.name}</span>
                {scorer.kind && <Badge>{scorer.kind}</Badge>}
                {scorer.model && <Badge tone="accent">{scorer.model}</Badge>}
              </div>
              {scorer.problem ? (
                <p className="text-bad">{scorer.problem}</p>
              ) : (
                <Settings settings={scorer.settings} />
              )}
            </li>
          ))}
        </ul>
      </Card>
    </Section>
  );
}

function Settings({ settings }: { settings: Record<string, unknown> }) {
  const prompt = settings.scoring_prompt;
  const shown =
    typeof prompt === "string"
      ? prompt
      : JSON.stringify(Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== null)));
  if (shown === "{}") return null;
  return (
    <pre tabIndex={0} className="max-h-48 overflow-auto rounded bg-panel p-2 text-xs whitespace-pre-wrap">
      {shown}
    </pre>
  );
}

function Json({ value }: { value: unknown }) {
  return <code className="text-xs break-all">{JSON.stringify(value)}</code>;
}
