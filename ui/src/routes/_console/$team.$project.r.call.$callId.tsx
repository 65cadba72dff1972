import { createFileRoute } from "@tanstack/react-router";
import { CallPage } from "~/features/call/CallPage";
import { callSearch } from "~/features/call/search";
import { useChatOpener } from "~/features/playground/useChatOpener";

export const Route = createFileRoute("/_console/$team/$project/r/call/$callId")({
  validateSearch: callSearch,
  component: CallRoute,
});

function CallRoute() {
  const { team, project, callId } = Route.useParams();
  const { open, isOpening } = useChatOpener();
  return (
    <CallPage
      key={`${team}/${project}`}
      team={team}
      project={project}
      id={callId}
      search={Route.useSearch()}
      actions={{
        openInPlayground: (request) => open({ team, project, inputs: async () => request }),
        isOpening,
      }}
    />
  );
}
