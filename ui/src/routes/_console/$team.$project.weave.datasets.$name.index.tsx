import { createFileRoute, redirect } from "@tanstack/react-router";

export const Route = createFileRoute("/_console/$team/$project/weave/datasets/$name/")({
  beforeLoad: ({ params }) => {
    throw redirect({
      to: "/$team/$project/weave/objects/$name/versions/$digest",
      params: { ...params, digest: "latest" },
      replace: true,
    });
  },
});
