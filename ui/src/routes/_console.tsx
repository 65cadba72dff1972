import { createFileRoute, redirect } from "@tanstack/react-router";
import { asApiError } from "~/api/errors";
import { meQuery } from "~/api/queries";
import { Shell } from "~/features/shell/Shell";

/** Everything behind the login: whoever is not signed in goes there, and comes back to where they were going. */
export const Route = createFileRoute("/_console")({
  beforeLoad: async ({ context, location }) => {
    try {
      return { me: await context.queryClient.ensureQueryData(meQuery) };
    } catch (error) {
      if (!asApiError(error).isSignedOut) throw error;
      throw redirect({ to: "/login", search: { next: location.href }, replace: true });
    }
  },
  component: Shell,
});
