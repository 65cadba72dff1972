import { createFileRoute } from "@tanstack/react-router";
import { Select } from "~/components/Field";
import { Page } from "~/components/Page";
import { EmptyState } from "~/components/States";
import { ProvidersPanel } from "~/features/playground/providers/ProvidersPanel";
import { usePlace } from "~/lib/usePlace";

export const Route = createFileRoute("/_console/settings/teams/$team/providers")({
  validateSearch: (search): { project?: string } =>
    typeof search.project === "string" ? { project: search.project } : {},
  component: TeamProviders,
});

function TeamProviders() {
  const { team } = Route.useParams();
  const { project: asked } = Route.useSearch();
  const navigate = Route.useNavigate();
  const { me } = Route.useRouteContext();
  const place = usePlace();
  const projects = me.teams.find((one) => one.name === team)?.projects ?? [];
  const last = place?.team === team ? place.project : undefined;
  const project = [asked, last, projects[0]].find((name) => name !== undefined && projects.includes(name));
  const choose = (chosen: string) => void navigate({ search: { project: chosen }, replace: true });
  return (
    <Page
      title="AI providers"
      lead="Servers of your own that speak the OpenAI API. Their models can be asked in the Playground of the project."
    >
      {project === undefined ? (
        <EmptyState title={`There is no project of ${team} that you may see`}>
          Providers belong to projects: make one under Projects, or choose another team.
        </EmptyState>
      ) : (
        <>
          <div className="max-w-xs">
            <Select
              label="Project"
              value={project}
              options={projects.map((name) => ({ value: name, label: name }))}
              onChange={choose}
            />
          </div>
          <ProvidersPanel key={project} place={{ team, project }} />
        </>
      )}
    </Page>
  );
}
