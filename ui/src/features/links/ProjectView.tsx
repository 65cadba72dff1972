import { useQuery } from "@tanstack/react-query";
import { findCalls } from "~/api/weave/calls";
import { CodeBlock } from "~/components/Copy";
import { Page } from "~/components/Page";
import { EmptyState, Loaded } from "~/components/States";
import { CallList } from "./CallList";

/** A project's newest traces. */
export function ProjectView({ team, project }: { team: string; project: string }) {
  const of = `${team}/${project}`;
  const calls = useQuery({
    queryKey: ["links", of, "roots"],
    queryFn: ({ signal }) =>
      findCalls(
        of,
        {
          filter: { trace_roots_only: true },
          sort_by: [{ field: "started_at", direction: "desc" }],
          limit: 50,
        },
        signal,
      ),
  });
  return (
    <Page title={of} lead="The newest traces of this project.">
      <Loaded query={calls}>
        {(found) =>
          found.length === 0 ? (
            <>
              <EmptyState title="No traces yet">
                Any program that uses <code>weave</code> writes them here.
              </EmptyState>
              <CodeBlock label="Python" code={`import weave\n\nweave.init("${of}")`} />
            </>
          ) : (
            <CallList team={team} project={project} label="Newest traces" calls={found} />
          )
        }
      </Loaded>
    </Page>
  );
}
