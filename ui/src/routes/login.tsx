import { createFileRoute } from "@tanstack/react-router";
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
  component: LoginPage,
});

function LoginPage() {
  const { next, problem } = Route.useSearch();
  return <Login next={next} problem={problem} />;
}
