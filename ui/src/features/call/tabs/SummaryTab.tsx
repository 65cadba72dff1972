import type { Call } from "~/api/weave/calls";
import { Section, Tile } from "~/components/Page";
import { EmptyState } from "~/components/States";
import { type Column, Table } from "~/components/Table";
import { ValueView } from "~/components/value/ValueView";
import { count, duration } from "~/lib/format";
import { exactUsd, usd } from "~/lib/money";
import { costOf, type ModelTokens, modelCost, tokensOf } from "../money";
import type { Trace } from "../tree";

interface SummaryTabProps {
  call: Call;
  trace: Trace;
  at: number;
}

/** What a call and all below it used: tokens by model, money, time, and how many went wrong. */
export function SummaryTab({ call, trace, at }: SummaryTabProps) {
  const { spent, outline } = trace;
  const took = outline.lengths_us[at];
  const cost = costOf(call);
  const rolled = spent.costs[at] ?? null;
  const models = tokensOf(call);
  const inside = insideOf(trace, at);
  return (
    <div className="flex min-w-0 flex-col gap-6">
      <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
        <Tile label="Latency">{typeof took === "number" ? duration(took / 1e6) : "running"}</Tile>
        <Tile label="Input tokens" note="with all calls inside">
          {count(spent.input[at] ?? 0)}
        </Tile>
        <Tile label="Output tokens" note="with all calls inside">
          {count(spent.output[at] ?? 0)}
        </Tile>
        <Tile
          label={cost?.isCharged ? "Charged" : "Cost"}
          note={cost?.isCharged ? "" : "with all calls inside"}
        >
          {cost?.isCharged ? exactUsd(cost.nanoUsd) : rolled === null ? "no price" : usd(rolled)}
        </Tile>
      </div>
      <Section title="Calls">
        <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
          {inside.map(([word, number]) => (
            <Tile key={word} label={word}>
              {count(number)}
            </Tile>
          ))}
        </div>
      </Section>
      <Section title="By model" lead="As the call itself tells it.">
        <Models call={call} models={models} />
      </Section>
      <Section title="Summary as kept">
        <ValueView label="Summary" value={call.summary ?? {}} />
      </Section>
    </div>
  );
}

function Models({ call, models }: { call: Call; models: ModelTokens[] }) {
  const costs = call.summary?.weave?.costs ?? {};
  const columns: Column<ModelTokens>[] = [
    { id: "model", header: "Model", cell: (row) => <code className="break-all">{row.model}</code> },
    {
      id: "requests",
      header: "Requests",
      cell: (row) => count(row.requests),
      numeric: true,
      hideBelow: "sm",
    },
    { id: "input", header: "Input", cell: (row) => count(row.input), numeric: true },
    { id: "output", header: "Output", cell: (row) => count(row.output), numeric: true },
    {
      id: "cost",
      header: "Cost",
      cell: (row) => {
        const its = costs[row.model];
        return its ? usd(modelCost(its)) : <span className="text-muted">no price</span>;
      },
      numeric: true,
    },
  ];
  return (
    <Table
      label="Models"
      columns={columns}
      rows={models}
      rowKey={(row) => row.model}
      empty={
        <EmptyState title="No model was used">Neither this call nor one inside it told of tokens.</EmptyState>
      }
    />
  );
}

const WORDS: Record<string, string> = {
  success: "Done",
  error: "Failed",
  running: "Running",
  descendant_error: "Done, with a failed one inside",
};

/** How many calls of each state there are, the call itself and all inside. */
function insideOf(trace: Trace, at: number): [string, number][] {
  const { outline } = trace;
  const counts = new Map<string, number>();
  const from = trace.places[at] ?? 0;
  for (let place = from; place <= from + (trace.below[at] ?? 0); place += 1) {
    const status = outline.statuses[outline.status[trace.order[place] ?? 0] ?? 0] ?? "";
    const word = WORDS[status] ?? status;
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts];
}
