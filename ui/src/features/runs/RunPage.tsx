import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import type { Run } from "~/api/weave/runs";
import { Badge, type Tone } from "~/components/Badge";
import { buttonClass } from "~/components/Button";
import { Ago } from "~/components/Figures";
import { Page, Tile } from "~/components/Page";
import { Loaded } from "~/components/States";
import { count, duration } from "~/lib/format";
import { History } from "./History";
import { Facts, Missing } from "./Parts";
import { runQuery } from "./queries";
import { Traced } from "./Traced";
import { configOf, secondsOf, seriesOf, summaryOf } from "./told";
import { Values } from "./Values";

interface RunPageProps {
  team: string;
  project: string;
  name: string;
}

/** A run of the `wandb` client: how it went, what it logged, and what was traced in it. */
export function RunPage({ team, project, name }: RunPageProps) {
  const of = `${team}/${project}`;
  const run = useQuery(runQuery(team, project, name));
  const calls = { field: "wb_run_id", op: "equals", value: `${of}/${name}` };
  return (
    <Page
      title={run.data?.displayName ?? name}
      lead={
        <Link to="/$team/$project/weave" params={{ team, project }} className="hover:underline">
          {of}
        </Link>
      }
      actions={
        run.data && (
          <Link
            to="/$team/$project/weave/traces"
            params={{ team, project }}
            search={{ filters: [calls], all: true } as never}
            className={buttonClass()}
          >
            Its calls in Traces
          </Link>
        )
      }
    >
      <Loaded query={run}>
        {(found) =>
          found ? (
            <>
              <Standing run={found} />
              <About run={found} />
              <Logged run={found} />
              <div className="grid gap-4 md:grid-cols-2">
                <Values title="Summary" values={summaryOf(found)} empty="The run left none." />
                <Values title="Config" values={configOf(found)} empty="The run was given none." />
              </div>
              <Traced team={team} project={project} name={name} />
              <p className="text-xs text-muted">
                System metrics, the console’s output, files and artifacts of runs are not kept here.
              </p>
            </>
          ) : (
            <Missing what={`The run ${name}`} onRetry={() => void run.refetch()} />
          )
        }
      </Loaded>
    </Page>
  );
}

const TONES: Record<string, Tone> = { running: "accent", finished: "good", failed: "bad", crashed: "bad" };

function Standing({ run }: { run: Run }) {
  const seconds = secondsOf(run, new Date());
  return (
    <div className="grid grid-cols-2 gap-3 sm:grid-cols-4">
      <Tile label="State">
        <Badge tone={TONES[run.state ?? ""] ?? "plain"}>{run.state ?? "unknown"}</Badge>
      </Tile>
      <Tile label="Duration">{seconds === null ? "unknown" : duration(seconds)}</Tile>
      <Tile label="Began">
        <Ago at={run.createdAt} />
      </Tile>
      <Tile label="Steps">{count(run.historyLineCount ?? 0)}</Tile>
    </div>
  );
}

function About({ run }: { run: Run }) {
  return (
    <Facts
      pairs={[
        ["By", run.user?.username],
        ["Notes", run.notes],
        ["Tags", run.tags.join(", ")],
        ["Group", run.group],
        ["Job type", run.jobType],
        ["Host", run.host],
        ["Commit", run.commit],
        ["Id", run.name],
      ]}
    />
  );
}

function Logged({ run }: { run: Run }) {
  const series = useMemo(() => seriesOf(run.history), [run.history]);
  return <History series={series} logged={run.historyLineCount ?? 0} drawn={run.history.length} />;
}
