import { useQuery } from "@tanstack/react-query";
import { Section } from "~/components/Page";
import { Loaded } from "~/components/States";
import { CallList } from "./CallList";
import { evaluationsQuery, tracesQuery } from "./queries";

interface TracedProps {
  team: string;
  project: string;
  name: string;
}

/** What was traced in a run: its evaluations, and its newest traces. */
export function Traced({ team, project, name }: TracedProps) {
  const of = `${team}/${project}`;
  const evaluations = useQuery(evaluationsQuery(of, name));
  const traces = useQuery(tracesQuery(of, name));
  return (
    <>
      {evaluations.data && evaluations.data.length > 0 && (
        <Section title="Evaluations">
          <CallList
            team={team}
            project={project}
            label="Evaluations"
            calls={evaluations.data}
            areEvaluations
          />
        </Section>
      )}
      <Section title="Traces">
        <Loaded query={traces}>
          {(found) =>
            found.length > 0 ? (
              <CallList team={team} project={project} label="Traces" calls={found} />
            ) : (
              <p className="text-muted">Nothing was traced in this run.</p>
            )
          }
        </Loaded>
      </Section>
    </>
  );
}
