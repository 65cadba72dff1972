import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Schema } from "~/api/client";
import { Button } from "~/components/Button";
import { Checkbox, TextField } from "~/components/Field";
import { Ago, Money } from "~/components/Figures";
import { Section, Tile } from "~/components/Page";
import { EmptyState, Loaded } from "~/components/States";
import { EndLimit } from "./EndLimit";
import { isTelling, type Limit } from "./figures";
import { History } from "./History";
import { LimitDialog } from "./LimitDialog";
import { LimitsTable } from "./LimitsTable";
import { overviewQuery } from "./queries";

interface LimitsPanelProps {
  team: string;
  /** Part of a name that is looked for. */
  search: string;
  onSearch: (search: string) => void;
}

/** Every limit of a team, for its admins: what is used, who set it and why, setting and ending them. */
export function LimitsPanel({ team, search, onSearch }: LimitsPanelProps) {
  const overview = useQuery(overviewQuery(team, search));
  const [every, setEvery] = useState(false);
  const [editing, setEditing] = useState<Limit | "new" | null>(null);
  const [ending, setEnding] = useState<Schema<"SetLimitInfo"> | null>(null);
  return (
    <>
      <div className="flex flex-wrap items-end justify-between gap-3">
        <div className="w-64 max-w-full">
          <TextField
            label="Project, key or user"
            type="search"
            placeholder="Part of a name"
            value={search}
            onChange={(event) => onSearch(event.target.value)}
          />
        </div>
        <Checkbox label="Also limits of the plan that nobody uses" checked={every} onChange={setEvery} />
        <Button kind="primary" disabled={!overview.data} onClick={() => setEditing("new")}>
          Set a limit
        </Button>
      </div>
      <Loaded query={overview}>
        {(data) => {
          const all = data.subjects.flatMap((subject) => subject.limits);
          const rows = every ? all : all.filter(isTelling);
          return (
            <>
              <Credit overview={data} />
              {rows.length === 0 ? (
                <EmptyState title={search ? "Nobody here has such a name" : "Nothing is limited"}>
                  {search
                    ? "Look for another part of a name."
                    : "The plan sets no limit. Set one for a project, a key or the whole team."}
                </EmptyState>
              ) : (
                <LimitsTable
                  label="Limits"
                  rows={rows}
                  why={(row) => <Why rule={row.rule} />}
                  actions={(row) => (
                    <div className="flex justify-end gap-1">
                      <Button small onClick={() => setEditing(row)}>
                        Change
                      </Button>
                      {row.rule && (
                        <Button small kind="quiet" onClick={() => setEnding(row.rule)}>
                          End
                        </Button>
                      )}
                    </div>
                  )}
                />
              )}
              {data.left_off > 0 && (
                <p className="text-xs text-muted">
                  {data.left_off} more have other names: look for a part of one.
                </p>
              )}
              <Section title="History" lead="Limits that were in force, the latest to end first.">
                <History rows={data.ended} />
              </Section>
              {editing && (
                <LimitDialog
                  limit={editing === "new" ? null : editing}
                  subjects={data.subjects}
                  onClose={() => setEditing(null)}
                />
              )}
              {ending && <EndLimit rule={ending} onClose={() => setEnding(null)} />}
            </>
          );
        }}
      </Loaded>
    </>
  );
}

function Credit({ overview }: { overview: Schema<"LimitsOverview"> }) {
  const { credit } = overview;
  return (
    <div className="grid grid-cols-2 gap-3 md:grid-cols-4">
      <Tile label="Plan">{overview.plan_label}</Tile>
      <Tile
        label="Credit left"
        note={credit.when_it_ends === "refuse" ? "then requests are refused" : "then overage"}
      >
        <Money nanoUsd={credit.left_nusd} />
      </Tile>
      <Tile label="Reserved" note="by requests in flight">
        <Money nanoUsd={credit.reserved_nusd} />
      </Tile>
      <Tile label="Owed">
        <Money nanoUsd={credit.owed_nusd} />
      </Tile>
    </div>
  );
}

function Why({ rule }: { rule: Schema<"SetLimitInfo"> | null }) {
  if (!rule) return null;
  return (
    <div className="mt-0.5 text-xs break-words text-muted">
      <Ago at={rule.set_at} />
      {rule.reason && `: ${rule.reason}`}
    </div>
  );
}
