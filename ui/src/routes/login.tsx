import { createFileRoute } from "@tanstack/react-router";
import { Login } from "~/features/login/Login";

export const Route = createFileRoute("/login")({
  validateSearch: (search: Record<string, unknown>): { next?: string; login?: string } => ({
    ...(typeof search.next === "string" ? { next: search.next } : {}),
    ...(typeof search.login === "string" ? { login: search.login } : {}),
  }),
  component: LoginPage,
});

function LoginPage() {
  const { next } = Route.useSearch();
  return <Login next={next} />;
}
