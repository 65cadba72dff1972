import { createFileRoute } from "@tanstack/react-router";
import { NewPrompt } from "~/features/objects/prompt/PromptPages";

export const Route = createFileRoute("/_console/$team/$project/weave/prompts/new")({ component: PromptNew });

function PromptNew() {
  return <NewPrompt place={Route.useParams()} />;
}
