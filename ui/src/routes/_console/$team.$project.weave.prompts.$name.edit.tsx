import { createFileRoute } from "@tanstack/react-router";
import { EditPrompt } from "~/features/objects/prompt/PromptPages";

export const Route = createFileRoute("/_console/$team/$project/weave/prompts/$name/edit")({
  validateSearch: ({ from }): { from?: string } => (from === undefined ? {} : { from: String(from) }),
  component: PromptEdit,
});

function PromptEdit() {
  const { team, project, name } = Route.useParams();
  const { from } = Route.useSearch();
  return <EditPrompt place={{ team, project }} name={name} from={from ?? "latest"} />;
}
