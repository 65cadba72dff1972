import { useMutation } from "@tanstack/react-query";
import { createFileRoute } from "@tanstack/react-router";
import { asApiError } from "~/api/errors";
import type { ObjectVersion } from "~/api/weave/objects";
import { toast } from "~/components/Toasts";
import { VersionPage } from "~/features/objects/VersionPage";
import { promptMessages } from "~/features/objects/values";
import { readVersion } from "~/features/objects/versionSearch";
import { newChat, newMessage } from "~/features/playground/state/make";
import { toHash } from "~/features/playground/state/share";

export const Route = createFileRoute("/_console/$team/$project/weave/objects/$name/versions/$digest")({
  validateSearch: readVersion,
  component: ObjectVersionRoute,
});

function ObjectVersionRoute() {
  const { team, project, name, digest } = Route.useParams();
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  const playground = useMutation({
    mutationFn: async (version: ObjectVersion) => {
      const prompt = (promptMessages(version.val) ?? []).map(({ role, content }) =>
        newMessage(
          role === "system" || role === "assistant" ? role : "user",
          typeof content === "string" ? content : JSON.stringify(content),
        ),
      );
      const hash = await toHash([newChat("", { prompt })]);
      await navigate({ to: "/$team/$project/playground", params: { team, project }, hash });
    },
    onError: (error) => toast(asApiError(error).message, "bad"),
  });
  return (
    <VersionPage
      place={{ team, project }}
      name={name}
      digest={digest}
      search={search}
      onPlayground={playground.mutate}
      onSearch={(next) => void navigate({ search: next, replace: true })}
    />
  );
}
