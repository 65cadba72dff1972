import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Call } from "~/api/weave/calls";
import { findObjects, type ObjectVersion } from "~/api/weave/objects";
import { callName, statusOf } from "~/api/weave/told";
import { Ago } from "~/components/Figures";
import { Section } from "~/components/Page";
import { Loaded } from "~/components/States";
import { type Column, Table } from "~/components/Table";
import { plural } from "~/lib/format";
import type { Place } from "~/lib/place";
import { usesQuery, usesSearch } from "./queries";
import { VersionLink } from "./VersionLink";

interface UsesProps {
  place: Place;
  version: ObjectVersion;
  versionRef: string;
}

/** Where a version is used: calls that took it, or calls of the op; evaluations that are made of it. */
export function Uses({ place, version, versionRef }: UsesProps) {
  const of = `${place.team}/${place.project}`;
  const uses = useQuery(usesQuery(of, versionRef));
  const isOp = version.kind === "op";
  return (
    <>
      {(version.base_object_class === "Dataset" || version.base_object_class === "Scorer") && (
        <Evaluations place={place} versionRef={versionRef} />
      )}
      <Section
        title={isOp ? "Calls of this version" : "Calls that took this version"}
        actions={
          uses.data &&
          uses.data.count > 0 && (
            <Link
              to={`/${of}/weave/traces` as never}
              search={usesSearch(versionRef) as never}
              className="text-accent hover:underline"
            >
              Show {uses.data.isMore ? `${uses.data.count}+` : plural(uses.data.count, "call")} in Traces
            </Link>
          )
        }
      >
        <Loaded query={uses}>
          {({ calls }) =>
            calls.length === 0 ? (
              <p className="text-muted">{isOp ? "Not called yet." : "No call took it as an input yet."}</p>
            ) : (
              <Calls place={place} calls={calls} />
            )
          }
        </Loaded>
      </Section>
    </>
  );
}

function Calls({ place, calls }: { place: Place; calls: Call[] }) {
  const columns: Column<Call>[] = [
    {
      id: "name",
      header: "Call",
      cell: (call) => (
        <Link
          to="/$team/$project/r/call/$callId"
          params={{ ...place, callId: call.id }}
          className="break-all text-accent hover:underline"
        >
          {callName(call)}
        </Link>
      ),
    },
    { id: "status", header: "Status", cell: statusOf },
    { id: "began", header: "Began", cell: (call) => <Ago at={call.started_at} /> },
  ];
  return <Table label="Calls" columns={columns} rows={calls} rowKey={(call) => call.id} />;
}

/** Of the newest evaluations; who has more finds them by the client. */
const MOST_EVALUATIONS = 500;

function Evaluations({ place, versionRef }: { place: Place; versionRef: string }) {
  const of = `${place.team}/${place.project}`;
  const found = useQuery({
    queryKey: ["objects", of, "evaluations"],
    queryFn: ({ signal }) =>
      findObjects(
        of,
        {
          filter: { base_object_classes: ["Evaluation"] },
          sort_by: [{ field: "created_at", direction: "desc" }],
          limit: MOST_EVALUATIONS,
        },
        signal,
      ),
  });
  const made = (found.data ?? []).filter((one) => JSON.stringify(one.val).includes(`"${versionRef}"`));
  if (made.length === 0) return null;
  return (
    <Section title="Evaluations made of it">
      <ul className="flex flex-wrap gap-x-4 gap-y-1">
        {made.map((one) => (
          <li key={one.digest}>
            <VersionLink place={place} isOp={false} name={one.object_id} digest={one.digest}>
              {one.object_id} v{one.version_index}
            </VersionLink>
          </li>
        ))}
      </ul>
    </Section>
  );
}
