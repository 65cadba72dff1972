import { createFileRoute, redirect } from "@tanstack/react-router";

export const Route = createFileRoute("/_console/$team/$project/weave/ops/$name/")({
  beforeLoad: ({ params }) => {
    const { team, project, name } = params;
    throw redirect({
      to: "/$team/$project/weave/ops/$name/versions/$digest",
      params: { team, project, name, digest: "latest" },
      replace: true,
    });
  },
});
