import { Link } from "@tanstack/react-router";
import { ExternalLink, FileCheck, MessagesSquare } from "lucide-react";
import type { ReactNode } from "react";
import type { Schema } from "~/api/client";
import { Badge } from "~/components/Badge";
import { Button, buttonClass } from "~/components/Button";
import { CopyButton } from "~/components/Copy";
import { Card, Section, Tile } from "~/components/Page";
import { count, duration, stamp } from "~/lib/format";
import { exactUsd, nusd } from "~/lib/money";
import { CostSteps } from "./CostSteps";
import { LedgerEntries } from "./LedgerEntries";
import { Refusal } from "./Refusal";
import { OUTCOME_WORDS } from "./words";

type Info = Schema<"RequestPageInfo">;

interface RequestViewProps {
  info: Info;
  /** Opens what was sent in the Playground. */
  playground: { open: () => void; isOpening: boolean };
}

/** All that is kept of one request. */
export function RequestView({ info, playground }: RequestViewProps) {
  const { usage } = info;
  const outcome = OUTCOME_WORDS[usage.outcome];
  return (
    <>
      <div className="flex flex-wrap items-center gap-2">
        <code className="font-mono text-xs break-all">{usage.id}</code>
        <CopyButton text={usage.id} label="Copy request ID" />
        <Badge tone={outcome.tone}>
          {outcome.label} · {usage.status}
        </Badge>
        {info.refunded && <Badge tone="accent">Given back</Badge>}
        <Actions info={info} playground={playground} />
      </div>
      {usage.outcome !== "completed" && <Refusal why={info.why} />}
      <div className="grid grid-cols-2 gap-3 md:grid-cols-4">
        <Tile label="Cost">{exactUsd(nusd(usage.cost_nusd))}</Tile>
        <Tile label="Input tokens" note={`${count(usage.cached_input_tokens)} from the cache`}>
          {count(usage.input_tokens)}
        </Tile>
        <Tile label="Output tokens" note={`${count(usage.reasoning_tokens)} of them reasoning`}>
          {count(usage.output_tokens)}
        </Tile>
        <Tile
          label="Took"
          note={usage.ttft_ms > 0 ? `first byte after ${duration(usage.ttft_ms / 1000)}` : ""}
        >
          {duration(usage.total_ms / 1000)}
        </Tile>
      </div>
      <div className="grid grid-cols-1 gap-6 lg:grid-cols-2">
        {info.cost && info.price && <CostSteps cost={info.cost} price={info.price} />}
        {info.ledger && <LedgerEntries ledger={info.ledger} />}
      </div>
      <Section title="Record">
        <Card>
          <Record info={info} />
        </Card>
      </Section>
    </>
  );
}

function Actions({ info, playground }: RequestViewProps) {
  const { team, project, call_id } = info.trace;
  return (
    <div className="ml-auto flex flex-wrap gap-2">
      {info.ledger && (
        <a
          className={buttonClass("plain", true)}
          href={`/api/receipts/${encodeURIComponent(info.usage.id)}`}
          download={`${info.usage.id}.json`}
        >
          <FileCheck aria-hidden className="size-3.5" /> Signed receipt
        </a>
      )}
      {info.trace.kept && (
        <>
          <a className={buttonClass("plain", true)} href={`/${team}/${project}/r/call/${call_id}`}>
            <ExternalLink aria-hidden className="size-3.5" /> Trace
          </a>
          <Button kind="primary" small busy={playground.isOpening} onClick={playground.open}>
            <MessagesSquare aria-hidden className="size-3.5" /> Open in Playground
          </Button>
        </>
      )}
    </div>
  );
}

function Record({ info }: { info: Info }) {
  const { usage } = info;
  const asked = usage.model_id || "unknown";
  const rows: [string, ReactNode][] = [
    ["Started", stamp(new Date(usage.started_at))],
    ["In the books", stamp(new Date(usage.posted_at))],
    [
      "Team",
      <Link key="team" to="/billing/$team" params={{ team: usage.team }} className="text-accent">
        {usage.team}
      </Link>,
    ],
    ["Project", usage.project],
    ["User", usage.user],
    ["API key", usage.key],
    ["Model", asked],
    ["Answered by", usage.served_model_id && usage.served_model_id !== asked ? usage.served_model_id : null],
    ["Engine", usage.engine],
    ["Error", usage.error_code],
    ["Waited for an engine", usage.queue_ms >= 1 ? duration(usage.queue_ms / 1000) : null],
    ["Streamed", usage.stream ? "yes" : "no"],
    ["Tokens counted by", usage.usage_source],
    [
      "Trace",
      info.trace.kept ? "kept" : "none is kept: the project or the request wanted none, or it was removed",
    ],
  ];
  return (
    <dl className="grid gap-x-4 gap-y-1.5 sm:grid-cols-[10rem_minmax(0,1fr)]">
      {rows.map(([name, value]) =>
        value ? (
          <div key={name} className="contents">
            <dt className="text-muted">{name}</dt>
            <dd className="mb-1 break-words sm:mb-0">{value}</dd>
          </div>
        ) : null,
      )}
    </dl>
  );
}
