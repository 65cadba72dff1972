import { useQuery } from "@tanstack/react-query";
import { Plus, Settings2 } from "lucide-react";
import { useState } from "react";
import { Button, IconButton } from "~/components/Button";
import { Ago } from "~/components/Figures";
import { Page } from "~/components/Page";
import { EmptyState, Loaded } from "~/components/States";
import { type Column, Table } from "~/components/Table";
import { NewNameDialog } from "./NewNameDialog";
import { ProjectDialog } from "./ProjectDialog";
import { makeProject, type Project, projectsQuery } from "./queries";
import { traceInWords } from "./words";

interface ProjectsProps {
  team: string;
  /** Whether the dialog for a new one is open. */
  adding: boolean;
  onAdding: (adding: boolean) => void;
}

/** A team's projects: made, set up, removed. */
export function ProjectsPage({ team, adding, onAdding }: ProjectsProps) {
  const query = useQuery(projectsQuery(team));
  const [opened, open] = useState<string | null>(null);
  const mayManage = query.data?.may_manage ?? false;
  const chosen = query.data?.projects.find((one) => one.name === opened);
  const add = query.data?.may_create && (
    <Button kind="primary" onClick={() => onAdding(true)}>
      <Plus aria-hidden className="size-4" /> New project
    </Button>
  );
  return (
    <Page
      title="Projects"
      lead="What models run for, and where traces are kept. Requests name one in the OpenAI-Project header."
      actions={query.data?.projects.length ? add : undefined}
    >
      <Loaded query={query}>
        {(data) => (
          <Table
            label="Projects"
            columns={columnsOf(team, mayManage, open)}
            rows={data.projects}
            rowKey={(one) => one.name}
            empty={
              <EmptyState title={`${team} has no project yet`} action={add}>
                Make one, or send a request without a project: the project “inference” is made by itself.
              </EmptyState>
            }
          />
        )}
      </Loaded>
      <NewNameDialog
        what="project"
        open={adding}
        onClose={() => onAdding(false)}
        hint={`Requests name it as ${team}/name.`}
        make={(name) => makeProject(team, name)}
      />
      {chosen && <ProjectDialog team={team} project={chosen} onClose={() => open(null)} />}
    </Page>
  );
}

function columnsOf(team: string, mayManage: boolean, open: (name: string) => void): Column<Project>[] {
  return [
    {
      id: "name",
      header: "Name",
      cell: (one) => (
        <>
          <div className="font-medium break-all">{one.name}</div>
          <div className="font-mono text-xs break-all text-muted">{`${team}/${one.name}`}</div>
        </>
      ),
    },
    {
      id: "trace",
      header: "Requests leave in traces",
      hideBelow: "sm",
      cell: (one) => traceInWords(one.trace),
    },
    { id: "made", header: "Made", hideBelow: "md", cell: (one) => <Ago at={one.created_at} /> },
    {
      id: "actions",
      header: "Actions",
      numeric: true,
      cell: (one) =>
        mayManage && (
          <IconButton label={`Set up ${one.name}`} onClick={() => open(one.name)}>
            <Settings2 aria-hidden className="size-4" />
          </IconButton>
        ),
    },
  ];
}
