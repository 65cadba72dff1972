import { createFileRoute, redirect } from "@tanstack/react-router";

/** What the hosted service has under this address and this console has not: its traces stand for it. */
export const Route = createFileRoute("/_console/$team/$project/weave/$")({
  beforeLoad: ({ params: { team, project } }) => {
    throw redirect({ to: "/$team/$project/weave/traces", params: { team, project }, replace: true });
  },
});
