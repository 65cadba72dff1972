import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { asApiError } from "~/api/errors";
import { toast } from "~/components/Toasts";
import { chatOf } from "./state/kept";
import { toHash } from "./state/share";

interface Wanted {
  team: string;
  project: string;
  /** What was sent, in OpenAI's words. */
  inputs: () => Promise<unknown>;
}

/** Opens what was once sent as a chat of the Playground, ready to be sent again. */
export function useChatOpener(): { open: (wanted: Wanted) => void; isOpening: boolean } {
  const navigate = useNavigate();
  const opening = useMutation({
    mutationFn: async ({ team, project, inputs }: Wanted) => {
      const hash = await toHash([chatOf(await inputs())]);
      await navigate({ to: "/$team/$project/playground", params: { team, project }, hash });
    },
    onError: (error) => toast(asApiError(error).message, "bad"),
  });
  return { open: opening.mutate, isOpening: opening.isPending };
}
