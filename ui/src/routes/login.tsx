import { createFileRoute } from "@tanstack/react-router";
import { waysQuery } from "~/api/ways";
import { Login } from "~/features/login/Login";

interface Search {
  /** Where to go afterwards. */
  next?: string;
  /** What went wrong on another way in. */
  problem?: string;
}

export const Route = createFileRoute("/login")({
  validateSearch: (search: Record<string, unknown>): Search => ({
    ...(typeof search.next === "string" ? { next: search.next } : {}),
    ...(typeof search.problem === "string" ? { problem: search.problem.slice(0, 64) } : {}),
  }),
  loaderDeps: ({ search }) => ({ problem: search.problem }),
  // Before the page is drawn, so that no button moves another; without an answer, the password form is there.
  loader: ({ context, deps }) => context.queryClient.prefetchQuery(waysQuery(deps.problem)),
  component: LoginPage,
});

function LoginPage() {
  const { next, problem } = Route.useSearch();
  return <Login next={next} problem={problem} />;
}
