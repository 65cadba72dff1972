import { createFileRoute, redirect } from "@tanstack/react-router";

export const Route = createFileRoute("/_console/$team/$project/")({
  beforeLoad: ({ params }) => {
    throw redirect({ to: "/$team/$project/weave/traces", params, replace: true });
  },
});
