import { createRouter } from "@tanstack/react-router";
import { queryClient } from "./api/queries";
import { EmptyState, ErrorState, SkeletonRows } from "./components/States";
import { routeTree } from "./routeTree.gen";

/** Every screen of the console; routes/ has one file per address. */
export const router = createRouter({
  routeTree,
  context: { queryClient },
  defaultPreload: "intent",
  scrollRestoration: true,
  defaultPendingMs: 200,
  defaultPendingComponent: () => (
    <div className="p-6">
      <SkeletonRows />
    </div>
  ),
  defaultErrorComponent: ({ error, reset }) => (
    <div className="p-6">
      <ErrorState error={error} onRetry={reset} />
    </div>
  ),
  defaultNotFoundComponent: () => (
    <div className="p-6">
      <EmptyState title="There is no such page">
        Check the address, or go on from the menu. What you are not a member of does not show either.
      </EmptyState>
    </div>
  ),
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
