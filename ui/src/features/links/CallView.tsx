import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type Call, findCalls, readCall } from "~/api/weave/calls";
import { callName, exceptionText, statusOf } from "~/api/weave/told";
import { Ago } from "~/components/Figures";
import { Page } from "~/components/Page";
import { Loaded } from "~/components/States";
import { duration } from "~/lib/format";
import { CallList } from "./CallList";
import { Facts, Missing, Value } from "./Parts";

interface CallViewProps {
  team: string;
  project: string;
  id: string;
}

/** One call: what went in, what came out, what it called. */
export function CallView({ team, project, id }: CallViewProps) {
  const of = `${team}/${project}`;
  const call = useQuery({
    queryKey: ["links", of, "call", id],
    queryFn: ({ signal }) => readCall(of, id, signal),
  });
  const inside = useQuery({
    queryKey: ["links", of, "inside", id],
    queryFn: ({ signal }) => findCalls(of, { filter: { parent_ids: [id] }, limit: 50 }, signal),
    enabled: call.data !== undefined && call.data !== null,
  });
  return (
    <Page
      title={call.data ? callName(call.data) : "Call"}
      lead={
        <Link to="/$team/$project/weave" params={{ team, project }} className="hover:underline">
          {of}
        </Link>
      }
    >
      <Loaded query={call}>
        {(found) =>
          found ? (
            <>
              <CallFacts call={found} />
              <Value label="Inputs" value={found.inputs ?? {}} />
              {found.exception && <Value label="Exception" value={exceptionText(found.exception)} />}
              {found.ended_at && !found.exception && <Value label="Output" value={found.output ?? null} />}
              {inside.data && inside.data.length > 0 && (
                <>
                  <h2 className="text-base">Calls inside it</h2>
                  <CallList team={team} project={project} label="Calls inside it" calls={inside.data} />
                </>
              )}
            </>
          ) : (
            <Missing what={`The call ${id}`} onRetry={() => void call.refetch()} />
          )
        }
      </Loaded>
    </Page>
  );
}

function CallFacts({ call }: { call: Call }) {
  const took = call.summary?.weave?.latency_ms;
  return (
    <Facts
      pairs={[
        ["Status", statusOf(call)],
        ["Began", <Ago key="began" at={call.started_at} />],
        ["Took", typeof took === "number" ? duration(took / 1000) : ""],
        ["Models", Object.keys(call.summary?.usage ?? {}).join(", ")],
        ["Call", <code key="call">{call.id}</code>],
        ["Trace", <code key="trace">{call.trace_id}</code>],
      ]}
    />
  );
}
