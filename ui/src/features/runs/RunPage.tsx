import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { findCalls } from "~/api/weave/calls";
import { readRun } from "~/api/weave/runs";
import { Ago } from "~/components/Figures";
import { Page } from "~/components/Page";
import { Loaded } from "~/components/States";
import { CallList } from "./CallList";
import { Facts, Missing, Value } from "./Parts";

interface RunPageProps {
  team: string;
  project: string;
  name: string;
}

/** A run of the `wandb` client, and what was traced in it. */
export function RunPage({ team, project, name }: RunPageProps) {
  const of = `${team}/${project}`;
  const run = useQuery({
    queryKey: ["wandb", of, "run", name],
    queryFn: ({ signal }) => readRun(team, project, name, signal),
  });
  const calls = useQuery({
    queryKey: ["wandb", of, "run-calls", name],
    queryFn: ({ signal }) =>
      findCalls(
        of,
        {
          filter: { wb_run_ids: [`${of}/${name}`] },
          sort_by: [{ field: "started_at", direction: "desc" }],
          limit: 50,
        },
        signal,
      ),
    enabled: run.data !== undefined && run.data !== null,
  });
  return (
    <Page
      title={run.data?.displayName ?? name}
      lead={
        <Link to="/$team/$project/weave" params={{ team, project }} className="hover:underline">
          {of}
        </Link>
      }
    >
      <Loaded query={run}>
        {(found) =>
          found ? (
            <>
              <Facts
                pairs={[
                  ["State", found.state],
                  ["Began", found.createdAt && <Ago key="began" at={found.createdAt} />],
                  ["By", found.user?.username],
                ]}
              />
              <Value label="Config" value={JSON.parse(found.config ?? "{}")} />
              <Value label="Summary" value={JSON.parse(found.summaryMetrics ?? "{}")} />
              {calls.data && calls.data.length > 0 && (
                <>
                  <h2 className="text-base">Traces of it</h2>
                  <CallList team={team} project={project} label="Traces of it" calls={calls.data} />
                </>
              )}
            </>
          ) : (
            <Missing what={`The run ${name}`} onRetry={() => void run.refetch()} />
          )
        }
      </Loaded>
    </Page>
  );
}
